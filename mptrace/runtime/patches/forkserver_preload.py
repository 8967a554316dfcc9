"""multiprocessing.forkserver, in the server: what it preloads before it serves, and what of that failed in silence.

Runtime: loaded in the server. The main module is preloaded between the setting and the deletion of `_inheriting`. An
import that failed is told by the exception that is on its way when the module's lock is released; whoever catches it
later does not matter.
"""

import sys

from mptrace.runtime import hooks, journal, lifecycle
from mptrace.runtime.attributes import SetWatch
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

NAME = "preload"
CATEGORY = "startup"

_replacements: "list[Replacement]" = []
_args_of: "Any" = vars(BaseException)["args"].__get__
_told: "set[str]" = set()
_main_ns = 0


def install(_: "ModuleType") -> None:
    """Record what this process, which is a server, preloads."""
    process: Any = sys.modules["multiprocessing.process"]
    _replacements.append(Replacement(process.BaseProcess, "_inheriting", MainWatch("_inheriting", _main_begun)))
    _replacements.append(Replacement(hooks, "listener", _listening_before(hooks.listener)))
    lifecycle.in_child.append(uninstall)


def uninstall() -> None:
    """Record no more: what is imported in a child is no preload."""
    while _replacements:
        _replacements.pop().restore()


class MainWatch(SetWatch):
    """Tells when the attribute is deleted, too."""

    __slots__ = ()

    def __delete__(self, process: "Any") -> None:
        SetWatch.__delete__(self, process)
        _main_ended()


def _listening_before(next_one: "Callable[[str, int], None] | None") -> "Callable[[str, int], None]":
    note_failed = guarded(NAME, _note_failed)

    def listener(module: str, end_ns: int) -> None:
        note_failed(module)
        if next_one:
            next_one(module, end_ns)

    return listener


def _note_failed(module: str) -> None:
    """Record that the import of *module* fails, if that is why its lock is about to be released."""
    error = sys.exc_info()[1]
    if error is not None and module not in sys.modules and module not in _told:
        _told.add(module)
        journal.instant(CATEGORY, "import failed", {"module": module, "error": _why(error)})


def _why(error: BaseException) -> str:
    """Return an exception's type and message, without calling any code of its class."""
    args = _args_of(error)
    message = args[0] if args and type(args[0]) is str else ""
    return f"{type(error).__name__}: {message}"


def _begin_main(_: "Any") -> None:
    global _main_ns
    _main_ns = now_ns()


def _end_main() -> None:
    error = sys.exc_info()[1]
    journal.span(_main_ns, CATEGORY, "preload __main__", {} if error is None else {"error": _why(error)})


_main_begun = guarded(NAME, _begin_main)
_main_ended = guarded(NAME, _end_main)
