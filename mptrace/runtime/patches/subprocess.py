"""subprocess: the programs that are started, from the call of Popen() to the moment when their status is known.

Runtime: loaded where subprocess is, in every spawned child among others (multiprocessing.util imports it), few of which
start a program. So it only waits for the first Popen, which sets its `pid` to None when it begins.
"""

import sys

from mptrace.runtime import journal
from mptrace.runtime.attributes import SetWatch
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.patches.exec import load_programs
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "subprocess"

_pid: "Replacement | None" = None


def install(subprocess: "ModuleType") -> None:
    """Record each program that is started, from the first on."""
    global _pid
    _pid = Replacement(subprocess.Popen, "pid", SetWatch("pid", guarded(NAME, _first)))


def uninstall() -> None:
    """Record no more."""
    programs: Any = sys.modules.get("mptrace.runtime.programs")
    if programs:
        programs.uninstall()
    if _pid:
        _pid.restore()


def _first(popen: "Any") -> None:
    begin_ns = now_ns()
    programs = load_programs()
    # Several threads may come here at once. Each sees to it that its own program is recorded.
    if _pid and vars(_pid.owner)["pid"] is _pid.wrapper:
        programs.install(sys.modules["subprocess"], _pid.owner)
    journal.span(begin_ns, "tracer", "patch subprocess.Popen")
    programs.pid_set(popen)
