"""multiprocessing.pool and concurrent.futures.process, in their workers: the initializer and the first task.

Runtime: loaded where pools are; does something only in a worker. The functions that workers run are on the stack of
whatever the host runs in them, and are left alone. They show where they are by the locks of their two queues: taking
the one to read says that the initializer is done, giving it back that a task was received, and giving back the one to
write that a result was sent. Both are plain methods that read SemLock._semlock: that is watched until the first result
has been sent.
"""

import sys

from mptrace.runtime import journal, lifecycle
from mptrace.runtime.attributes import GetWatch
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.patches.process_start import callable_name
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "pool"
WORKERS = (("multiprocessing.pool", "worker"), ("concurrent.futures.process", "_process_worker"))
# What tells a worker to end is None, which pickles to four bytes; no task is as short.
SENTINEL_BYTES = 4

_watch: "Replacement | None" = None
_is_known = False
# The locks by which tasks are read and results are written, and how often each was touched.
_read_lock: "Any" = None
_write_lock: "Any" = None
_reads = _writes = 0
_run_ns = _task_ns = 0
_initializer = ""


def install(_: "ModuleType") -> None:
    """Wait until this process, or one forked from it, is about to run as a worker."""
    if _running not in lifecycle.at_ready:
        lifecycle.at_ready.append(_running)
        lifecycle.in_child.append(_forget)


def uninstall() -> None:
    """Watch no longer."""
    _stop()
    if _running in lifecycle.at_ready:
        lifecycle.at_ready.remove(_running)


def _begin() -> None:
    """Watch this process, which is about to run, if it is a worker."""
    global _watch, _is_known, _read_lock, _write_lock, _reads, _writes, _run_ns, _task_ns, _initializer
    process: Any = sys.modules["multiprocessing.process"]
    target = getattr(process._current_process, "_target", None)
    functions = [getattr(sys.modules.get(module), name, None) for module, name in WORKERS]
    if _is_known or target is None or not any(target is function for function in functions):
        return  # or mptrace.ready() was called in a worker
    _is_known = True
    inqueue, outqueue, initializer = process._current_process._args[:3]
    _read_lock, _write_lock = inqueue._rlock, outqueue._wlock
    _reads = _writes = _task_ns = 0
    _run_ns = now_ns()
    _initializer = "" if initializer is None else callable_name(initializer)
    if _initializer:
        journal.announce(_run_ns, NAME, "initializer", {"function": _initializer})
    lock: Any = sys.modules["multiprocessing.synchronize"]
    _watch = Replacement(lock.SemLock, "_semlock", GetWatch("_semlock", guarded(NAME, _touched)))


def _touched(lock: "Any") -> None:
    """Note that *lock* is being taken or given back."""
    global _reads, _writes
    if lock is _read_lock:
        _reads += 1
        if _reads == 1:
            _initialized()
        elif _reads == 2:
            _received(get_frame(4))
    elif lock is _write_lock:
        _writes += 1
        if _writes == 2:
            journal.span(_task_ns, NAME, "first task")
            _stop()


def _initialized() -> None:
    if _initializer:
        journal.span(_run_ns, NAME, "initializer", {"function": _initializer})
    lifecycle.reopen()
    lifecycle.ready("initializer", "initializer")


def _received(get: "Any") -> None:
    """Note that the queue's get(), whose frame is given, has read its first message, if that is a task."""
    global _task_ns
    message = get.f_locals.get("res", b"")
    if len(message) <= SENTINEL_BYTES:
        _stop()
        return
    _task_ns = now_ns()
    journal.announce(_task_ns, NAME, "first task", {})


def _stop() -> None:
    global _watch, _read_lock, _write_lock
    if _watch:
        _watch.restore()
    _watch = _read_lock = _write_lock = None


def _forget() -> None:
    """In a forked child: nothing is known yet."""
    global _is_known
    _stop()
    _is_known = False


_running = guarded(NAME, _begin)
