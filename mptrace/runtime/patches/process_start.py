"""multiprocessing.process: Process.start() in the parent, from entered to started.

Runtime: loaded where multiprocessing is. start() itself is not wrapped, its frames are the host's to see: it first
calls _check_closed(), and last of all puts the process into the set _children.
"""

import sys
from _thread import get_ident
from time import thread_time_ns

from mptrace.records import START, START_BEGIN
from mptrace.runtime import journal, lifecycle
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.journal import quote, write
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "process"

_replacements: "list[Replacement]" = []
# The start() that each thread is in.
_begun: "dict[int, Begun]" = {}


def install(process: "ModuleType") -> None:
    """Record each start of a process."""
    base = process.BaseProcess
    _replacements.append(replace(base, "_check_closed", _make_check_closed(base.start.__code__)))
    _watch_children()
    lifecycle.in_child.append(_begun.clear)
    lifecycle.boundary = boundary
    # _bootstrap() gives a child a new, empty set.
    lifecycle.at_ready.append(_watch_children)


def uninstall() -> None:
    """Record no more starts."""
    while _replacements:
        _replacements.pop().restore()
    _exchange_children(Children, set)
    lifecycle.boundary = None


def boundary(name: str, at_ns: int = 0, args: str = "{}") -> None:
    """Record that phase *name* of this thread's start() ended at *at_ns*, or now; *args* is a JSON object.

    It began where the phase before it ended. Nothing happens on a thread that is in no start().
    """
    begun = _begun.get(get_ident())
    if begun:
        at_ns, usage = at_ns or now_ns(), lifecycle.usage("thread-self", thread_time_ns)
        lifecycle.write_phase(name, begun.boundary_ns, at_ns, begun.usage, usage, args)
        begun.boundary_ns, begun.usage = at_ns, usage


class Begun:
    """A start() under way. Its last phase reached ``boundary_ns``, when its thread had used ``usage``."""

    __slots__ = ("begin_ns", "boundary_ns", "fields", "usage")

    def __init__(self, fields: str, begin_ns: int) -> None:
        self.fields = fields
        self.begin_ns = self.boundary_ns = begin_ns
        self.usage = lifecycle.usage("thread-self", thread_time_ns)


class Children(set):  # type: ignore[type-arg]
    """The set of children, which a process joins when it has been started."""

    def add(self, process: "Any") -> None:
        """Add *process*, and note that its start() is over."""
        super().add(process)
        _note_started(process)


def _watch_children() -> None:
    _exchange_children(set, Children)


def _exchange_children(old: "type[set[Any]]", new: "type[set[Any]]") -> None:
    """Put the children that there are into a set of another type. What the host's set was is forgotten: it is stale."""
    process: Any = sys.modules["multiprocessing.process"]
    if type(process._children) is old:
        process._children = new(process._children)


def _make_check_closed(start_code: "Any") -> "Any":
    starting = guarded(NAME, _starting)

    def make(original: "Any") -> "Any":
        def _check_closed(self: "Any") -> None:
            try:
                original(self)
            except BaseException as error:
                error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
                raise
            # is_alive(), join() and others call it too.
            if get_frame(1).f_code is start_code:
                starting(self)

        return hide(_check_closed)

    return make


def _starting(process: "Any") -> None:
    begin_ns = now_ns()
    fields = f"{quote(str(process._name))},{quote(_start_method(process))},{quote(_target(process))}"
    _begun[get_ident()] = Begun(fields, begin_ns)
    write(begin_ns, f'["{START_BEGIN}",{journal.thread_id()},{begin_ns},{fields}]\n')


def _started(process: "Any") -> None:
    end_ns = now_ns()
    begun = _begun.pop(get_ident(), None)
    if begun:
        times, child_pid = f"{begun.begin_ns},{end_ns}", int(process._popen.pid)
        write(end_ns, f'["{START}",{journal.thread_id()},{times},{begun.fields},{child_pid}]\n')


def _start_method(process: "Any") -> str:
    """Return the start method of a process of a context, or the default one for a plain Process."""
    method = process._start_method
    if method is None:
        context = sys.modules["multiprocessing.context"]._default_context
        method = (context._actual_context or context._default_context).get_start_method()
    return str(method)


def _target(process: "Any") -> str:
    """Return module:name of what the child will run. Only plain functions and methods are asked for theirs."""
    target = getattr(process, "_target", None)
    if target is None:
        return f"{type(process).__module__}:{type(process).__qualname__}.run"
    if type(target).__module__.partition(".")[0] in ("mptrace", "wrapt"):
        target = target.__wrapped__  # mptrace.traced
    target = getattr(target, "__func__", target) if type(target) is _METHOD else target
    if type(target) is not _FUNCTION:
        target = type(target)
    return f"{target.__module__}:{target.__qualname__}"


_note_started = guarded(NAME, _started)
_FUNCTION = type(_target)
_METHOD = type(Children().add)
