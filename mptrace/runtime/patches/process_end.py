"""multiprocessing.popen_fork: how a child ended, at the moment when the parent learns it.

Runtime: loaded where multiprocessing is. The Popen classes of all start methods (spawn and forkserver inherit this
one) keep the status in `returncode`; setting it is what is watched, so that poll() and join() keep their frames.
"""

from mptrace.records import CHILD_END
from mptrace.runtime.attributes import SetWatch
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import write
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_returncode: "Replacement | None" = None


def install(popen_fork: "ModuleType") -> None:
    """Record each status that a Popen comes to know."""
    global _returncode
    _returncode = Replacement(popen_fork.Popen, "returncode", SetWatch("returncode", guarded("process", _ended)))


def uninstall() -> None:
    """Record no more."""
    if _returncode:
        _returncode.restore()


def _ended(popen: "Any") -> None:
    at_ns = now_ns()
    returncode = popen.returncode
    if type(returncode) is int:
        write(at_ns, f'["{CHILD_END}",{at_ns},{popen.pid},{returncode}]\n')
