"""multiprocessing.process: Process.start() in the parent, from entered to started, and its phases.

Runtime: loaded where multiprocessing is. start() itself is not wrapped, its frames are the host's to see: it first
calls _check_closed(), and last of all puts the process into the set _children. What lies between is divided by
whoever sees a phase end: process_launch, and lifecycle at a fork. They all move one boundary of this start().
"""

import sys
from _thread import get_ident
from time import thread_time_ns

from mptrace.records import START, START_BEGIN
from mptrace.runtime import config, hooks, journal, lifecycle, preload, unpack
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.journal import quote, write
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any

    from mptrace.runtime.lifecycle import Usage

# The files that are loaded soon after this one; image.py puts them here.
unpack((("no image", (b"", None)),))
NAME = "process"

# What other files of the runtime do when a start() has been entered.
at_start: "list[Callable[[], None]]" = []
_replacements: "list[Replacement]" = []
# The start() that each thread is in, the innermost: pickling a process may start another.
_begun: "dict[int, Begun]" = {}
_start_code: "Any" = None


def install(process: "ModuleType") -> None:
    """Record each start of a process."""
    global _start_code
    base = process.BaseProcess
    _start_code = base.start.__code__
    _replacements.append(replace(base, "_check_closed", _make_check_closed))
    _watch_children()
    if config.PART != "child":
        hooks.when_imported("multiprocessing.context", guarded(NAME, _watch_choices))
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


def boundary(name: str, at_ns: int = 0, args: str = "{}", usage: "Usage | None" = None) -> None:
    """Record that phase *name* of this thread's start() ended at *at_ns*, or now; *args* is a JSON object.

    *usage* is what the thread had used by then, if not all that it has.

    It began where the phase before it ended. Nothing happens on a thread that is in no start().
    """
    begun = under_way()
    if begun:
        usage = usage or lifecycle.usage("thread-self", thread_time_ns)
        at_ns = at_ns or now_ns()
        lifecycle.write_phase(name, begun.boundary_ns, at_ns, begun.usage, usage, args)
        begun.boundary_ns, begun.usage = at_ns, usage


def under_way() -> "Begun | None":
    """Return the start() that this thread is in. One that is no longer on its stack has failed, and is forgotten."""
    begun = _begun.get(get_ident())
    while begun:
        frame: Any = get_frame(1)
        while frame:
            if id(frame) == begun.frame_id and frame.f_code is _start_code:
                return begun
            frame = frame.f_back
        begun = _forget(begun)
    return None


def end(child_pid: int) -> None:
    """Record that this thread's start() is over, with its last phase; *child_pid* is 0 for one that failed."""
    end_ns = now_ns()
    begun = under_way()
    if begun:
        if begun.last_phase or begun.is_undivided:
            boundary(begun.last_phase or "prepare", end_ns)
        times = f"{begun.begin_ns},{end_ns}"
        more = f"{child_pid},{_is_chosen(begun.method):d},{_place()}"
        write(end_ns, f'["{START}",{journal.thread_id()},{times},{begun.fields},{more}]\n')
        _forget(begun)


class Begun:
    """A start() under way. Its last phase reached ``boundary_ns``, when its thread had used ``usage``.

    ``last_phase`` is the one that its end ends. ``error_id`` is the exception that the thread was handling when it
    began, by which one of its own is told.
    """

    __slots__ = ("begin_ns", "boundary_ns", "error_id", "fields", "frame_id", "last_phase", "method", "outer", "usage")

    def __init__(
        self, method: str, fields: str, begin_ns: int, usage: "Usage", frame: "FrameType", outer: "Begun | None"
    ) -> None:
        self.method = method
        self.fields = fields
        self.begin_ns = self.boundary_ns = begin_ns
        self.usage = usage
        self.frame_id = id(frame)
        self.error_id = id(sys.exc_info()[1])
        # Nobody divides the start() of another library's Popen (loky): all of it is one phase.
        self.last_phase = "" if method in ("fork", "spawn", "forkserver") else "prepare"
        self.outer = outer

    @property
    def is_undivided(self) -> bool:
        """Whether nobody told its phases apart: its Popen is not multiprocessing's, or was watched too late.

        It is so where another thread imported that Popen, and had not come to watch it yet.
        """
        return self.boundary_ns == self.begin_ns and self.method != "fork"

    @property
    def has_failed(self) -> bool:
        """Whether an exception is on its way out of it."""
        return id(sys.exc_info()[1]) != self.error_id


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


def _make_check_closed(original: "Any") -> "Any":
    starting = guarded(NAME, _starting)

    def _check_closed(self: "Any") -> None:
        try:
            original(self)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        # is_alive(), join() and others call it too.
        if get_frame(1).f_code is _start_code:
            starting(self)

    return hide(_check_closed)


def _starting(process: "Any") -> None:
    for act in at_start:
        act()
    begin_ns = now_ns()
    method = _start_method(process)
    usage: Usage
    if method == "fork":
        lifecycle.load_forks()  # now, so that the child need not
        # A fork is too quick to ask the kernel more than how long it took.
        usage = (thread_time_ns(), None, None, None)
    else:
        # Now, so that it is there when its Popen has been imported: another thread may be about to use that as well.
        preload(("runtime/attributes.py", "runtime/patches/process_launch.py"))
        usage = lifecycle.usage("thread-self", thread_time_ns)
    fields = f"{quote(process._name)},{quote(method)},{quote(_target(process))}"
    _begun[get_ident()] = Begun(method, fields, begin_ns, usage, get_frame(3), under_way())
    # What multiprocessing refuses by: the main module is being run again.
    is_inheriting = getattr(sys.modules["multiprocessing.process"]._current_process, "_inheriting", False)
    place = f",{_place()}" if is_inheriting else ""
    write(begin_ns, f'["{START_BEGIN}",{journal.thread_id()},{begin_ns},{fields}{place}]\n')


def _started(process: "Any") -> None:
    end(int(process._popen.pid))


def _place() -> str:
    """Return where the host called start(), as fields of a record. Its frame is there until start() is over."""
    preload(("runtime/callers.py",))
    file, line = sys.modules["mptrace.runtime.callers"].caller()
    return f"{quote(file)},{line}"


def _watch_choices(context: "ModuleType") -> None:
    preload(("runtime/choices.py",))
    _replacements.extend(sys.modules["mptrace.runtime.choices"].watch(context))


def _is_chosen(method: str) -> bool:
    """Return whether somebody has chosen *method*, or may have: a child is told the one of its parent."""
    choices = sys.modules.get("mptrace.runtime.choices")
    return not choices or choices.is_chosen(method)


def _forget(begun: Begun) -> "Begun | None":
    """Return to the start() around this one."""
    outer = begun.outer
    if outer:
        _begun[get_ident()] = outer
    else:
        del _begun[get_ident()]
    return outer


def _start_method(process: "Any") -> str:
    """Return the start method of a process of a context, or the default one for a plain Process."""
    method = process._start_method
    if method is None:
        context = sys.modules["multiprocessing.context"]._default_context
        method = (context._actual_context or context._default_context).get_start_method()
    return journal.text(method)


def _target(process: "Any") -> str:
    """Return module:name of what the child will run. Only plain functions and methods are asked for theirs."""
    target = getattr(process, "_target", None)
    if target is None:
        return f"{callable_name(process)}.run"
    if _module(type(target)).partition(".")[0] in ("mptrace", "wrapt"):
        target = target.__wrapped__  # mptrace.traced
    return callable_name(target)


def callable_name(function: "Any") -> str:
    """Return module:name of a function or class; of any other object, that of its class."""
    if type(function) is _METHOD:
        function = function.__func__
    # isinstance() would ask the object itself: a lazy proxy makes what it stands for in order to answer.
    if type(function) is _FUNCTION:
        return f"{journal.text(function.__module__)}:{journal.text(function.__qualname__)}"
    kind = function if issubclass(type(function), type) else type(function)
    return f"{_module(kind)}:{_QUALNAME(kind)}"


def _module(kind: "type[Any]") -> str:
    """Return the module of a class. That of a proxy may have a property in its place, and a metaclass its own."""
    module = _MODULE(kind)
    return module if type(module) is str else ""


_note_started = guarded(NAME, _started)
_FUNCTION = type(_target)
_MODULE: "Any" = vars(type)["__module__"].__get__
_QUALNAME: "Any" = vars(type)["__qualname__"].__get__
_METHOD: "type[Any]" = type(Children().add)
