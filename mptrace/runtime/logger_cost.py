"""What multiprocessing's own logger costs a process: how many records, and how long they took.

Runtime: loaded where the host asks for that logger (multiprocessing.get_logger(), log_to_stderr()), and nowhere else.
Its method _log() is what all records go through, those of the host too; one that its level excludes does not come so
far. While a handler of the host's runs there, a frame of ours is on the stack, which logging itself passes over.
"""

from mptrace.runtime import journal, lifecycle
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "process"

_replacement: "Replacement | None" = None
_records = 0
_wall_ns = 0


def watch(logger: "Any") -> None:
    """Count the records of *logger* from now on."""
    global _replacement
    if _replacement is None:
        _replacement = Replacement(logger, "_log", _counted(logger._log))
        for acts in (lifecycle.at_ready, lifecycle.at_end):
            acts.append(_tell)
        lifecycle.in_child.append(_reset)


def unwatch() -> None:
    """Count no more."""
    global _replacement
    if _replacement:
        _replacement.restore()
        _replacement = None
        lifecycle.at_ready.remove(_tell)
        lifecycle.at_end.remove(_tell)
        lifecycle.in_child.remove(_reset)


def _counted(original: "Any") -> "Any":
    def _log(*args: "Any", **options: "Any") -> None:
        global _records, _wall_ns
        begin_ns = now_ns()
        try:
            original(*args, **options)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        finally:
            _records += 1
            _wall_ns += now_ns() - begin_ns

    return hide(_log)


def _summary() -> None:
    if _replacement is None:
        return
    logger = _replacement.owner
    handlers = [type(handler).__name__ for handler in logger.handlers]
    args = {"level": logger.level, "handlers": handlers, "records": _records, "wall_ns": _wall_ns}
    journal.instant("logging", "multiprocessing logger", args)


def _reset() -> None:
    global _records, _wall_ns
    _records = _wall_ns = 0


_tell = guarded(NAME, _summary)
