"""A wait for one of logging's locks: which one, who has it, since when.

Runtime: loaded where somebody had to wait for such a lock, or where a process with more than one thread forks. The
wait is announced when it begins, and told again from time to time, so that a process killed in a deadlock has left
the open wait in its journal. Holders are looked up only here: the lock's owner from its repr(), where it was taken
from the stack of its holder.
"""

import sys
from io import TextIOWrapper

from mptrace.runtime import config, journal, preload
from mptrace.runtime.clock import now_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

# Further slices are an eighth of what was waited so far, so that hours of waiting do not fill the disk.
FIRST_SLICE_S = 1.0
LONGEST_SLICE_S = 60.0
# Handlers and frames looked at: what is beyond is no evidence worth the time.
MAX_HANDLERS = 200
MAX_FRAMES = 50
LOGGING = ("logging", "logging.handlers", "logging.config", "multiprocessing.util")


class Wait:
    """A wait that goes on."""

    slice_s = FIRST_SLICE_S

    def __init__(self, lock: "Any", begin_ns: int) -> None:
        self.begin_ns = begin_ns
        self.is_over = self.is_dumped = False
        owner = owner_of(lock)
        tid, name = thread_of(owner)
        where = taken_at(sys._current_frames().get(owner))
        self.lock = name_of(lock)
        self.args = {"lock": self.lock, "holder": tid, "holder_name": name, "where": where}
        journal.announce(begin_ns, "lock", self.lock, self.args)

    def go_on(self) -> None:
        """Tell that the wait goes on."""
        waited_s = (now_ns() - self.begin_ns) / 1e9
        self.slice_s = min(max(FIRST_SLICE_S, waited_s / 8), LONGEST_SLICE_S)
        journal.instant("lock", "still waiting", {"lock": self.lock})
        if not self.is_dumped and 0 < config.stuck_after_s() <= waited_s:
            self.is_dumped = True
            preload(("runtime/stacks.py",))
            from mptrace.runtime import stacks

            stacks.dump(self.lock, self.begin_ns)

    def end(self) -> None:
        """Tell, once, that the wait is over, one way or the other."""
        if not self.is_over:
            self.is_over = True
            journal.span(self.begin_ns, "lock", self.lock, self.args)


def owner_of(lock: object) -> int:
    """Return the ident of the thread that has *lock*, or 0. Only its repr() says, on every version.

    That of a lock written in Python, as gevent puts in, says the thread's name instead.
    """
    text = repr(lock)
    owner = text.partition(" owner=")[2].partition(" ")[0]
    return int(owner) if text.startswith("<locked") and owner.isdecimal() else 0


def thread_of(ident: int) -> "tuple[int, str]":
    """Return the native id and the name of a thread of threading's, else 0 and nothing."""
    threading: Any = sys.modules.get("threading")
    thread = threading._active.get(ident) if hasattr(threading, "_active") else None
    return getattr(thread, "_native_id", 0) or 0, journal.text(getattr(thread, "_name", ""))


def name_of(lock: object) -> str:
    """Return what people call *lock*."""
    if lock is sys.modules["logging"]._lock:
        return "logging module lock"
    for handler in handlers():
        if vars(handler).get("lock") is lock:
            return handler_name(handler)
    return "lock of a logging handler"


def handlers() -> "list[Any]":
    """Return the handlers that logging knows of."""
    references = sys.modules["logging"]._handlerList[-MAX_HANDLERS:]
    return [handler for handler in [reference() for reference in references] if handler is not None]


def handler_name(handler: "Any") -> str:
    """Return a handler's class, with what it writes to. Nothing of the host's is called."""
    inside = vars(handler)
    target = inside.get("baseFilename") or stream_name(inside.get("stream"))
    return f"{type(handler).__name__}({journal.text(target).rpartition('/')[2]})"


def stream_name(stream: object) -> str:
    """Return what a stream is called."""
    for name in ("stderr", "stdout"):
        if stream is getattr(sys, name, None) and stream is not None:
            return name
    if type(stream) is TextIOWrapper:
        return journal.text(getattr(stream, "name", ""))
    return "" if stream is None else type(stream).__name__


def taken_at(frame: "FrameType | None") -> str:
    """Return file:line of whoever called into logging for a lock that the thread in *frame* holds.

    Where nobody did, the lock was taken by hand: then it is where the thread is now.
    """
    asked = frame
    for _ in range(MAX_FRAMES):
        if frame is None:
            break
        caller = frame.f_back
        if frame.f_globals.get("__name__") in LOGGING and caller and not _is_of(caller, (*LOGGING, "threading")):
            asked = caller
        frame = caller
    return f"{asked.f_code.co_filename}:{asked.f_lineno}" if asked else ""


def _is_of(frame: "FrameType", modules: "tuple[str, ...]") -> bool:
    return frame.f_globals.get("__name__") in modules
