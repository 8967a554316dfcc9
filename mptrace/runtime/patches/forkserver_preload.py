"""multiprocessing.forkserver, in the server: what it preloads before it serves, and what of that failed in silence.

Runtime: loaded in the server. The main module is preloaded between the setting and the deletion of `_inheriting`. An
import that failed is told by the exception that is on its way when the module's lock is released; whoever catches it
later does not matter. What the main module raises, Python 3.15 catches before that deletion, and handles by a function.
"""

import sys

from mptrace.runtime import hooks, journal, lifecycle
from mptrace.runtime.attributes import SetWatch
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType, TracebackType
    from typing import Any

NAME = "preload"
CATEGORY = "startup"
HANDLER = "_handle_import_error"

_replacements: "list[Replacement]" = []
_args_of: "Any" = vars(BaseException)["args"].__get__
_told: "set[str]" = set()
_main_ns = 0
_main_failure: "dict[str, Any]" = {}


def install(forkserver: "ModuleType") -> None:
    """Record what this process, which is a server, preloads."""
    process: Any = sys.modules["multiprocessing.process"]
    _replacements.append(Replacement(process.BaseProcess, "_inheriting", MainWatch("_inheriting", _main_begun)))
    _replacements.append(Replacement(hooks, "listener", _listening_before(hooks.listener)))
    if hasattr(forkserver, HANDLER):
        _replacements.append(replace(forkserver, HANDLER, _noting))
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
    failure = _failure() if module not in sys.modules and module not in _told else None
    if failure:
        _told.add(module)
        journal.instant(CATEGORY, "import failed", {"module": module, **failure})


def _failure() -> "dict[str, Any]":
    """Return what is known of the exception that is on its way; nothing where there is none."""
    _, error, trace = sys.exc_info()
    return {} if error is None else {"error": _why(error), **_where(error, trace)}


def _why(error: BaseException) -> str:
    """Return an exception's type and message, without calling any code of its class."""
    args = _args_of(error)
    message = args[0] if args and type(args[0]) is str else ""
    return f"{type(error).__name__}: {message}"


def _where(error: BaseException, trace: "TracebackType | None") -> "dict[str, Any]":
    """Return the innermost line at the top level of a module: of those that failed, people know this one."""
    place: dict[str, Any] = {}
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "<module>":
            place = {"file": code.co_filename, "line": trace.tb_lineno}
        trace = trace.tb_next
    args = _args_of(error)
    if issubclass(type(error), SyntaxError) and len(args) > 1 and type(args[1]) is tuple and len(args[1]) > 1:
        place = {"file": args[1][0], "line": args[1][1]}  # of this module no line was executed
    return place


def _noting(original: "Callable[..., Any]") -> "Callable[..., Any]":
    note_main = guarded(NAME, _note_main)

    def handler(*args: "Any", **kwargs: "Any") -> "Any":
        note_main()
        try:
            return original(*args, **kwargs)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise

    return hide(handler)


def _begin_main(_: "Any") -> None:
    global _main_ns
    _main_ns = now_ns()


def _note_main() -> None:
    _main_failure.update(_failure())


def _end_main() -> None:
    _note_main()
    journal.span(_main_ns, CATEGORY, "preload __main__", _main_failure)


_main_begun = guarded(NAME, _begin_main)
_main_ended = guarded(NAME, _end_main)
