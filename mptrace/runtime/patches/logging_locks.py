"""logging: waits for the module's lock and for those of the handlers.

Runtime: loaded where logging is. The locks are of a subclass of the C RLock that tries without blocking first, so that
only who has to wait comes to code of ours: release, the at-fork handlers and Condition use the C methods as before.

The try is the operator @, because CPython looks for signals after each call: one that raised there would leave the
lock taken for ever. It does not look after an operator, nor (up to 3.13) after `with` has called a lock in C.
"""

import sys
from _thread import RLock, get_ident

from mptrace.records import COUNTER, FAILURE
from mptrace.runtime import lifecycle, preload
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.journal import text, write
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "logging-locks"
# A lock that came free within this time is only counted: threads that log in turn have many thousands of such waits.
# What the thread then waits for the GIL counts in.
BRIEF_S = 0.001

# How many brief waits this process had, and how long they took together.
brief = 0
brief_ns = 0
_FOREVER = -1
_acquire, _release, _new = RLock.acquire, RLock.release, RLock.__reduce_ex__
_create: "Replacement | None" = None


def install(logging: "ModuleType") -> None:
    """Put our locks in the place of those of *logging* and its handlers, and into the handlers to come."""
    global _create
    for name, method in _METHODS.items():
        setattr(Lock, name, method)
    if _is_alone():
        if _is_free(logging._lock):
            logging._lock = Lock()  # type: ignore[attr-defined]
        for reference in logging._handlerList:
            handler = reference()
            if handler is not None:
                _made(handler)
    else:
        at_ns, error = now_ns(), "locks that logging had already are left alone, as other threads may use them"
        write(at_ns, f'["{FAILURE}",{at_ns},"{NAME}","{error}"]\n')
    _create = replace(logging.Handler, "createLock", _make_create_lock)
    lifecycle.note_before_fork(_note)
    lifecycle.in_child.append(_tell)
    lifecycle.at_end.append(_sum_up)


def uninstall() -> None:
    """Watch no more. The locks stay, since they may be held, but behave like any other."""
    if _create:
        _create.restore()
    for name in _METHODS:
        if name in vars(Lock):
            delattr(Lock, name)
    lifecycle.before_fork.remove(_note)
    lifecycle.in_child.remove(_tell)
    lifecycle.at_end.remove(_sum_up)


def lock_type(base: "Any", methods: "dict[str, Any]") -> "Any":
    """Return a type of locks, which is called what they are: a lock shows its name where it cannot be pickled."""
    return type(
        "_thread.RLock", (base,), {"__slots__": (), "__module__": "_thread", "__qualname__": "RLock", **methods}
    )


def strip(error: BaseException) -> None:
    """Leave the frame that has caught *error* out of its traceback, if raised again as it is."""
    error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next


def _is_alone() -> bool:
    """Return whether no other thread of the host's runs Python.

    Whoever waits for, or holds, the lock that was there before must not meet others at ours.
    """
    frames = sys._current_frames()
    del frames[get_ident()]
    return all(text(frame.f_globals.get("__name__")).startswith("mptrace.") for frame in frames.values())


def _is_free(lock: object) -> bool:
    return type(lock) is RLock and repr(lock).startswith("<unlocked")


def _make_create_lock(original: "Any") -> "Any":
    made = guarded(NAME, _made)

    def create_lock(self: "Any") -> None:
        try:
            original(self)
        except BaseException as error:
            strip(error)
            raise
        made(self)

    return hide(create_lock)


def _made(handler: "Any") -> None:
    if _is_free(vars(handler).get("lock")):
        handler.lock = Lock()


def _enter(self: "Any") -> bool:
    if self @ False:
        return True
    try:
        return _wait(self)
    except BaseException as error:
        strip(error)
        raise


def _acquire_as_told(self: "Any", blocking: bool = True, timeout: float = _FOREVER) -> bool:
    try:
        if blocking and timeout is _FOREVER:
            return self @ False or _wait(self)
        return _acquire(self, blocking, timeout)
    except BaseException as error:
        strip(error)
        raise


def _reduce(self: "Any", protocol: "Any") -> "Any":
    """Fail to be pickled as any RLock does, unless the host has said how to (copyreg.pickle)."""
    reduce = getattr(sys.modules.get("copyreg"), "dispatch_table", {}).get(RLock)
    try:
        return reduce(self) if reduce else _new(RLock(), protocol)
    except BaseException as error:
        strip(error)
        raise


def _wait(lock: "Any") -> bool:
    """Wait until *lock*, which another thread has, is free, and take it. An interrupted wait leaves it to others."""
    global brief, brief_ns
    begin_ns = now_ns()
    note = None
    try:
        if _acquire(lock, True, BRIEF_S):
            brief += 1
            brief_ns += now_ns() - begin_ns
            return True
        note = _begin(lock, begin_ns)
        while not _acquire(lock, True, note.slice_s if note else 1.0):
            _go_on(note)
        _end(note)
    except BaseException as error:
        if lock._is_owned():
            _release(lock)
        _end(note)
        strip(error)
        raise
    return True


def _waits() -> "Any":
    """Return what knows how to tell of a wait, loaded when there is one to tell of."""
    preload(("runtime/lock_waits.py",))
    from mptrace.runtime import lock_waits

    return lock_waits


def _before_fork() -> None:
    """Note who holds which lock, where there are threads that can."""
    global _forks
    _forks = None
    if len(sys.modules["threading"]._active) > 1:
        preload(("runtime/lock_waits.py", "runtime/patches/stuck_children.py", "runtime/fork_locks.py"))
        from mptrace.runtime import fork_locks

        _forks = fork_locks
        fork_locks.note()


def _in_child() -> None:
    global brief, brief_ns
    brief = brief_ns = 0
    if _forks:
        _forks.tell()


def _write_brief() -> None:
    if brief:
        at_ns = now_ns()
        write(at_ns, f'["{COUNTER}",{at_ns},"brief lock waits",{{"count":{brief},"wall_ns":{brief_ns}}}]\n')


def _unasked(function: "Any") -> "Any":
    """Return *function* so that CPython does not look for signals when it is entered, as it does not for one in C.

    The argument of RESUME, which is the first instruction, says: in the middle of a function.
    """
    code = function.__code__
    function.__code__ = code.replace(co_code=bytes((code.co_code[0], 2)) + code.co_code[2:])
    return hide(function)


_forks: "Any" = None
_begin = guarded(NAME, lambda lock, begin_ns: _waits().Wait(lock, begin_ns))
_go_on = guarded(NAME, lambda wait: wait and wait.go_on())
_end = guarded(NAME, lambda wait: wait and wait.end())
_note, _tell, _sum_up = guarded(NAME, _before_fork), guarded(NAME, _in_child), guarded(NAME, _write_brief)
_METHODS: "dict[str, Any]" = {
    "__enter__": _unasked(_enter),
    "acquire": _unasked(_acquire_as_told),
    "__reduce_ex__": hide(_reduce),
}
hide(_wait)
Lock = lock_type(RLock, {"__matmul__": _acquire})
