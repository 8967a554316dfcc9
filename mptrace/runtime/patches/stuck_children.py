"""multiprocessing.process: children that make no progress before they are ready.

Runtime: loaded where multiprocessing is, and where a fork left a lock behind. In a child that may get stuck a thread
waits, and if nothing was recorded for MPTRACE_STUCK_AFTER seconds it writes the stacks of all threads, once. It is
called off when the process is ready, forks, or is past the lock: a host that looks at its threads then finds its own.

A child that is spawned, or comes from a forkserver, is watched until it is ready: it imports and unpickles, which is
code of the host's. A forked child is, where the parent had more threads than one: only then can it have been left a
lock that nobody releases.
"""

import sys
from _thread import allocate_lock, get_native_id, start_new_thread
from os import stat
from time import sleep

from mptrace.runtime import config, journal, lifecycle, preload
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

NAME = "stuck"
# Most children are ready before this: what can only be needed after it is not loaded before.
BRIEF_S = 0.25
# How often the end of the watching thread is looked for when the process forks, and how long that takes each time.
LOOKS = 20
LOOK_S = 0.0005
# From our at-fork handler to multiprocessing's Popen._launch() there are at most so many frames.
MAX_FRAMES = 8

_after_s = config.stuck_after_s()
_cancel: "LockType | None" = None
_cause = ""
# The native id of the watching thread; 0 until it runs, -1 where there is none.
_tid = -1
_has_threads = False
# stacks.py, once it is loaded.
_loaded: "Any" = None


def install(_process: "ModuleType") -> None:
    """Watch this process if it is such a child, and those that it will fork."""
    lifecycle.note_before_fork(_note)
    lifecycle.in_child.append(_begin)
    lifecycle.at_ready.append(_end)
    if config.PART == "child":
        watch("", is_native=False)


def uninstall() -> None:
    """Watch no more."""
    for acts, act in ((lifecycle.before_fork, _note), (lifecycle.in_child, _begin), (lifecycle.at_ready, _end)):
        acts.remove(act)
    cease()


def watch(cause: str, is_native: bool) -> None:
    """Watch from now on; *cause* is what the process is about to pass. *is_native*: it may get stuck with the GIL."""
    global _cancel, _cause, _tid
    _cause = cause
    if not _after_s or _cancel:
        return
    _cancel = allocate_lock()
    _cancel.acquire()
    _tid = 0
    if is_native:
        _deaf(_stacks().arm)
    _deaf(start_new_thread, _guarded_keep, (_cancel, now_ns()))


def _deaf(start: "Callable[..., Any]", *args: "Any") -> None:
    """Have *start* start a thread that no signal goes to: what all threads of the host block must stay blocked."""
    signal: Any = sys.modules["_signal"]
    before = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    try:
        start(*args)  # a thread that inherits the mask
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def cease(is_forking: bool = False) -> None:
    """Watch no more. Before a fork, wait until the thread is gone: the kernel counts it, and CPython warns."""
    global _cancel, _tid
    cancel, _cancel = _cancel, None
    if cancel is not None:
        if _loaded:
            _loaded.disarm()
        cancel.release()
    if is_forking:
        looks = LOOKS
        while looks and _is_there():
            sleep(LOOK_S)
            looks -= 1
        _tid = -1


def _is_there() -> bool:
    """Return whether the watching thread exists: its last line is not its end."""
    try:
        return _tid == 0 or (_tid > 0 and bool(stat(f"/proc/self/task/{_tid}")))
    except OSError:
        return False


def _keep(cancel: "LockType", begin_ns: int) -> None:
    """Wait in a thread of its own until *cancel* is released, or the process has made no progress for too long."""
    global _tid
    _tid = get_native_id()
    if cancel.acquire(True, min(BRIEF_S, _after_s)):
        return
    stacks, seen = _stacks(), _progress()
    while True:
        stacks.arm()
        is_over = cancel.acquire(True, _after_s)
        stacks.disarm()  # it may have been armed after it was called off
        if is_over:
            return
        if _progress() == seen:
            stacks.dump(_cause, begin_ns)
            return
        seen, begin_ns = _progress(), now_ns()


def _progress() -> int:
    return journal.records - lifecycle.collections_written


def _stacks() -> "Any":
    global _loaded
    preload(("runtime/stacks.py",))
    from mptrace.runtime import stacks

    _loaded = stacks
    return stacks


def _before_fork() -> None:
    global _has_threads
    _has_threads = len(sys.modules["threading"]._active) > 1
    cease(is_forking=True)


def _in_child() -> None:
    if config.PART == "server" or (_has_threads and _is_launched()):
        watch("", is_native=_has_threads)


def _is_launched() -> bool:
    """Return whether it is multiprocessing that forks. Nobody else says when a child is ready."""
    frame: Any = get_frame()
    for _ in range(MAX_FRAMES):
        frame = frame and frame.f_back
        if frame and frame.f_globals.get("__name__") == "multiprocessing.popen_fork":
            return True
    return False


_guarded_keep = guarded(NAME, _keep)
_note, _begin, _end = guarded(NAME, _before_fork), guarded(NAME, _in_child), guarded(NAME, cease)
