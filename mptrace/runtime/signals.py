"""What a signal handler of the host raised in the middle of code of ours, to be raised again in the host's.

Runtime: loaded in a process where an exception has reached guard.py.
"""

import sys
from _thread import interrupt_main

from mptrace.runtime.journal import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import Any

SIGINT = 2


class Signal(int):
    """The number of a signal, which arrives when ``arrives`` is read."""

    arrives: "Any" = property(interrupt_main)


INTERRUPT = Signal(SIGINT)


def hand_on(error: BaseException) -> bool:
    """Return whether *error* was raised by a signal handler. If so, the next INTERRUPT raises it again, as it was."""
    trace = _beyond_ours(error)
    if not (comes_from_handler(error) if trace else type(error) is KeyboardInterrupt):
        return False
    signal: Any = sys.modules["_signal"]
    before = signal.getsignal(SIGINT)
    if before is None:
        return False  # not Python's: it could not be put back

    def again(_number: int, _frame: object) -> None:
        signal.signal(SIGINT, before)
        try:
            raise error.with_traceback(trace)
        except BaseException:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise

    signal.signal(SIGINT, again)
    return True


def comes_from_handler(error: BaseException) -> bool:
    """Return whether a signal handler of the host raised *error*: one that was called with the frame it interrupted."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        if _is_called_with(trace.tb_frame, trace.tb_next.tb_frame):
            return True
        trace = trace.tb_next
    return False


def _beyond_ours(error: BaseException) -> "TracebackType | None":
    trace = error.__traceback__
    while trace is not None and text(trace.tb_frame.f_globals.get("__name__")).startswith("mptrace."):
        trace = trace.tb_next
    return trace


def _is_called_with(interrupted: "FrameType", frame: "FrameType") -> bool:
    values = [*frame.f_locals.values()]
    values += [value[-1] for value in values if type(value) is tuple and value]
    return any(value is interrupted for value in values)
