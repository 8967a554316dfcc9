"""What a fork leaves locked behind: which threads there were, and which of logging's locks they had.

Runtime: loaded where a process with more than one thread forks, and logging is imported. The child looks at the locks
before logging makes them new, so it sees them exactly as they were at the fork; where their holders had taken them
was noted by the parent just before. The child keeps the record, because it is the one to suffer.

logging renews its own locks in a child, but not the lock inside the stream that a handler writes to. A thread that had
the handler's lock may well have had that one too, for ever now. So in the child the first use of such a handler, or of
one with the same stream, is watched.
"""

import sys
from _thread import RLock, get_ident

from mptrace.runtime import config, journal
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.lock_waits import handler_name, handlers, owner_of, taken_at, thread_of
from mptrace.runtime.patches import stuck_children
from mptrace.runtime.patches.logging_locks import NAME, Lock, lock_type, strip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_threads: "dict[int, tuple[int, str]]" = {}
_places: "dict[int, str]" = {}
_held: "list[tuple[Any, int]]" = []
# What is watched in this process: the handler's lock, and the name of its stream's.
_suspects: "dict[int, str]" = {}


def note() -> None:
    """In the parent: remember the threads, and who holds which handler's lock where."""
    global _held
    _threads.clear()
    _places.clear()
    here = get_ident()
    for ident in list(sys.modules["threading"]._active):
        if ident != here:
            _threads[ident] = thread_of(ident)
    _held = _holders()
    if _held:
        frames = sys._current_frames()
        for _, owner in _held:
            _places[owner] = taken_at(frames.get(owner))


def tell() -> None:
    """In the child: record that, and watch for the first use of what may be locked for ever."""
    # The thread that forks has logging's own lock through the fork: if not, logging has made all locks new already.
    held = _holders() if owner_of(sys.modules["logging"]._lock) else _held
    locks = []
    for handler, owner in held:
        tid, name = _threads.get(owner, (0, ""))
        where = _places.get(owner, "")
        locks.append({"lock": handler_name(handler), "holder": tid, "holder_name": name, "where": where})
    journal.instant("lock", "fork", {"threads": [[tid, name] for tid, name in _threads.values()], "locks": locks})
    watched = held if config.is_wanted(stuck_children.NAME) else []
    streams = [stream for handler, _ in watched if (stream := vars(handler).get("stream")) is not None]
    for handler in handlers() if streams else ():
        lock: Any = vars(handler).get("lock")
        if type(lock) is Lock and any(vars(handler).get("stream") is stream for stream in streams):
            _suspects[id(lock)] = f"stream of {handler_name(handler)}"
            lock.__class__ = _watched()


def _holders() -> "list[tuple[Any, int]]":
    """Return the handlers whose lock another thread has, and which."""
    here = get_ident()
    locks = [(handler, vars(handler).get("lock")) for handler in handlers()]
    owned = [(handler, owner_of(lock)) for handler, lock in locks if isinstance(lock, RLock)]
    return [(handler, owner) for handler, owner in owned if owner not in (0, here)]


def _watched() -> "Any":
    """Return the type of a lock whose first use is watched, after which it is like the others again."""
    enter, acquire = vars(Lock)["__enter__"], vars(Lock)["acquire"]

    def __enter__(self: "Any") -> bool:
        try:
            begin(self)
            return bool(enter(self))
        except BaseException as error:
            strip(error)
            raise

    def acquire_as_told(self: "Any", *args: "Any", **options: "Any") -> bool:
        try:
            begin(self)
            return bool(acquire(self, *args, **options))
        except BaseException as error:
            strip(error)
            raise

    def release(self: "Any", *_: "Any") -> None:
        self.__class__ = Lock
        try:
            end()
        finally:
            RLock.release(self)

    begin = guarded(NAME, lambda lock: stuck_children.watch(_suspects.get(id(lock), ""), is_native=False))
    end = guarded(NAME, stuck_children.cease)
    methods: dict[str, Any] = {
        "__enter__": __enter__,
        "acquire": acquire_as_told,
        "__exit__": release,
        "release": release,
    }
    for method in methods.values():
        hide(method)
    return lock_type(Lock, methods)
