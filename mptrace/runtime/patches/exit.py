"""os._exit: how forked children end, without any exit function.

Runtime: loaded in every traced process. The wrapper is on the stack only while the process ceases to be.
"""

from mptrace.runtime import lifecycle
from mptrace.runtime.guard import guarded
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_exit: "Replacement | None" = None


def install(os: "ModuleType") -> None:
    """Record the exit status that os._exit() is given."""
    global _exit
    _exit = replace(os, "_exit", _make_exit)


def uninstall() -> None:
    """Put os._exit back."""
    if _exit:
        _exit.restore()


def _end(status: "Any") -> None:
    # signal.SIGTERM and True are numbers too. Of what is none, but says which one it is, that is not asked twice.
    lifecycle.end(int.__index__(status) if isinstance(status, int) else None)


def _make_exit(original: "Any") -> "Any":
    end = guarded("exit", _end)

    def _exit(status: int) -> None:
        end(status)
        original(status)

    return _exit
