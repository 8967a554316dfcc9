"""The Python stacks of all threads, written into the journal once.

Runtime: loaded where a process seems to be stuck. Whoever has the GIL takes them from sys._current_frames(). Where
nobody can have it, since native code hangs with it, the watchdog of faulthandler writes them as text, from C. That one
is not to run while Python code does: it reads frames that may be gone by then, and of 30 such dumps one crashed the
process. So it comes a second later than a thread of ours that cancels it, which only works with the GIL.
"""

import sys

from mptrace.records import STACKS
from mptrace.runtime import config, hooks, journal, lifecycle
from mptrace.runtime.clock import now_ns
from mptrace.runtime.journal import encode, quote, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

MAX_THREADS = 50
MAX_FRAMES = 50
# How long the GIL must not be had, beyond the time after which a process counts as stuck.
GRACE_S = 1.0
# The watchdog writes to a number, whatever that means by then; so far up it goes on meaning our journal.
LOWEST_DESCRIPTOR = 64

_native: "ModuleType | None" = None
_is_hooked = False


def dump(cause: str, begin_ns: int) -> None:
    """Write the stacks of all threads, which have recorded nothing since *begin_ns*. *cause* is why, if known."""
    at_ns = now_ns()
    # No frame is kept while writing, which is when others run: what it refers to is theirs to drop.
    write(at_ns, f'["{STACKS}",{begin_ns},{at_ns},{quote(cause)},{encode(_threads())}]\n')


def _threads() -> "list[list[Any]]":
    threading: Any = sys.modules.get("threading")
    active = threading._active if hasattr(threading, "_active") else {}
    found = []
    for ident, frame in list(sys._current_frames().items())[:MAX_THREADS]:
        lines = _lines(frame)
        if lines:
            thread = active.get(ident)
            found.append([getattr(thread, "_native_id", 0) or 0, journal.text(getattr(thread, "_name", "")), lines])
    return found


def arm() -> None:
    """Have faulthandler write the stacks, unless it is called off in time. Where the host has it, it is the host's."""
    global _native, _is_hooked
    if "faulthandler" in sys.modules or journal._descriptor < LOWEST_DESCRIPTOR:
        return
    if not _is_hooked:
        _is_hooked = True
        hooks.when_imported("faulthandler", lambda _: disarm())
    native = _native = lifecycle._borrow("faulthandler")
    native.dump_traceback_later(config.stuck_after_s() + GRACE_S, file=journal._descriptor)
    if _native is not native:
        native.cancel_dump_traceback_later()  # another thread has just imported it


def disarm() -> None:
    """Call it off."""
    global _native
    native, _native = _native, None
    if native:
        native.cancel_dump_traceback_later()


def _lines(frame: "FrameType | None") -> "list[str]":
    """Return file:line function of the frames, the innermost first, without ours."""
    lines: list[str] = []
    while frame and len(lines) < MAX_FRAMES:
        if not journal.text(frame.f_globals.get("__name__")).startswith("mptrace."):
            lines.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return lines
