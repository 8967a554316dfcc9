"""multiprocessing's locks, queues and shared memory: what it costs to create them.

Runtime: loaded where they are. Their constructors have the host's code on top of them (a logger, a context) and are
left alone. They show where they are by what they look up or set first and last, and that nobody touches in the midst
of work: a method of the class, an attribute that only repr() or qsize() reads. What unpickling does is told apart.

A SimpleQueue has nothing of that kind: its two locks are what is seen of it. Of a JoinableQueue it is what a Queue is;
the semaphores and the lock that it has besides are counted as such.
"""

from _thread import get_ident

from mptrace.records import COUNTER
from mptrace.runtime import journal, lifecycle
from mptrace.runtime.attributes import SetWatch
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import encode, write
from mptrace.runtime.patches.process_start import at_start
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType
    from typing import Any

NAME = "creations"
LOCKS = "multiprocessing.synchronize"
QUEUES = "multiprocessing.queues"
MEMORY = "multiprocessing.shared_memory"
# A lock takes 15 µs, a queue 60; to write that down, 5. So they are counted, and only what took longer is a span.
SLOW_NS = 100_000
# They are told, at the latest, when there are this many.
MOST_UNTOLD = 64

_replacements: "list[Replacement]" = []
# What each thread is creating, by the module of its class: since when, what it is, and the locks that were made in it.
_begun: "dict[tuple[str, int], tuple[int, str, list[tuple[str, int]]]]" = {}
# What was created since the last time: when it was done, what it is, how many, how long it took.
_untold: "list[tuple[int, str, int, int]]" = []
# How many of each there have been; took_ns is how long that took.
_counts: "dict[str, int]" = {}


def install(module: "ModuleType") -> None:
    """Record what is created of the classes in *module*."""
    if _telling not in at_start:
        lifecycle.in_child.append(_forget)
        for moments in (at_start, lifecycle.at_ready, lifecycle.at_end):
            moments.append(_telling)
    if module.__name__ == LOCKS:
        init = module.SemLock.__init__.__code__
        _look(module.SemLock, "_make_name", init, lambda lock: _begin(LOCKS, lock))
        _look(module.SemLock, "_make_methods", init, _opened)
        _look(module.SemLock, "_cleanup", init, lambda _: _end(LOCKS))
    elif module.__name__ == QUEUES:
        _watch(module.Queue, SetWatch("_maxsize", guarded(NAME, lambda queue: _begin(QUEUES, queue))))
        _look(module.Queue, "_after_fork", module.Queue.__init__.__code__, lambda _: _end(QUEUES))
    else:
        memory = module.SharedMemory
        _watch(memory, DefaultWatch("_flags", memory._flags, guarded(NAME, lambda memory: _begin(MEMORY, memory))))
        _watch(memory, SetWatch("_size", guarded(NAME, _mapped)))


def uninstall() -> None:
    """Record no more."""
    while _replacements:
        _replacements.pop().restore()


class LookUp:
    """Stands in a class for a function of it, and calls back when the code *user* is about to use that."""

    __slots__ = ("call", "original", "user")

    def __init__(self, original: "Any", user: "CodeType", call: "Callable[[Any], None]") -> None:
        self.original = original
        self.user = user
        self.call = call

    def __get__(self, instance: "Any", owner: "Any" = None) -> "Any":
        frame = get_frame(0).f_back
        if frame and frame.f_code is self.user:
            self.call(instance)
        return self.original.__get__(instance, owner)


class DefaultWatch(SetWatch):
    """A SetWatch for an attribute that has a value in the class."""

    __slots__ = ("default",)

    def __init__(self, name: str, default: "Any", call: "Callable[[Any], None]") -> None:
        super().__init__(name, call)
        self.default = default

    def __get__(self, instance: "Any", owner: "Any" = None) -> "Any":
        return self.default if instance is None else vars(instance).get(self.name, self.default)


def _look(owner: "type[Any]", name: str, user: "CodeType", call: "Callable[[Any], None]") -> None:
    _replacements.append(Replacement(owner, name, LookUp(vars(owner)[name], user, guarded(NAME, call))))


def _watch(owner: "type[Any]", watch: SetWatch) -> None:
    _replacements.append(Replacement(owner, watch.name, watch))


def _begin(module: str, thing: "Any") -> None:
    """Note that this thread begins to create *thing*. One that it had begun and not ended has failed."""
    for kind in type(thing).__mro__:
        if kind.__module__ == module:
            _begun[module, get_ident()] = now_ns(), kind.__name__, []
            return


def _opened(lock: "Any") -> None:
    """Note that *lock* is there. If it has a name, that is yet to be told to the resource tracker."""
    if vars(lock)["_semlock"].name is None:
        _end(LOCKS)


def _mapped(memory: "Any") -> None:
    """Note that *memory* is there: created, where it has flags of its own, or else attached to."""
    if "_flags" in vars(memory):
        _end(MEMORY, size=memory._size)


def _end(module: str, **args: int) -> None:
    """Note that what this thread was creating is done."""
    ident = get_ident()
    begun = _begun.pop((module, ident), None)
    if begun is None:
        return
    begin_ns, kind, locks = begun
    end_ns = now_ns()
    took_ns = end_ns - begin_ns
    _untold.append((end_ns, kind, 1, took_ns))
    # What was made in the course of it is no longer counted by itself.
    _untold.extend([(end_ns, lock, -1, -lock_ns) for lock, lock_ns in locks])
    queue = _begun.get((QUEUES, ident))
    if queue:
        queue[2].append((kind, took_ns))
    if took_ns >= SLOW_NS:
        journal.span(begin_ns, "startup", f"create {kind}", args)
    if len(_untold) >= MOST_UNTOLD:
        _tell()


def _tell() -> None:
    """Write how many there have been by now, and how long that took, if there were any since the last time."""
    news = _untold[:]
    if not news:
        return
    del _untold[: len(news)]
    for _, kind, number, took_ns in news:
        _counts[kind] = _counts.get(kind, 0) + number
        _counts["took_ns"] = _counts.get("took_ns", 0) + took_ns
    # Of the moment when the last was created: whoever asks how many there were at another one finds the right number.
    write(now_ns(), f'["{COUNTER}",{news[-1][0]},"{NAME}",{encode(_counts)}]\n')


def _forget() -> None:
    """In a forked child: what there is was created by the parent."""
    for about in (_begun, _untold, _counts):
        about.clear()


_telling = guarded(NAME, _tell)
