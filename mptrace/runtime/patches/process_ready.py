"""multiprocessing.util: the moment before a child runs its target, and the status it ends with.

Runtime: loaded where multiprocessing is. BaseProcess._bootstrap() says both through util.info() on every version;
run() and _bootstrap() are left alone, because they are on the stack of whatever the child runs.
"""

from mptrace.runtime import lifecycle
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

READY = "child process calling self.run()"
EXITING = "process exiting with exitcode "

_info: "Replacement | None" = None


def install(util: "ModuleType") -> None:
    """Listen to what multiprocessing tells its log."""
    global _info
    _info = replace(util, "info", _make_info)


def uninstall() -> None:
    """Listen no more."""
    if _info:
        _info.restore()


def _make_info(original: "Any") -> "Any":
    said = guarded("process", _said)

    def info(msg: "Any", *args: "Any") -> None:
        said(msg)
        original(msg, *args)

    return hide(info)


def _said(message: "Any") -> None:
    if message == READY:
        lifecycle.ready("run", "bootstrap")
    elif type(message) is str and message.startswith(EXITING):
        lifecycle.returncode = int(message[len(EXITING) :])
