"""Spans, instants and counters of the host's own making: what `import mptrace` offers to its code.

Runtime: loaded where the host uses them, traced or not. The host binds these functions by name (`from mptrace import
span`), perhaps before mptrace.start(), so each of them asks one flag. Off, a span is a context manager without any
Python code in it: `with` costs half of what it does with.

A span says when it truly began and ended, on the thread where it began. Those of generators and of asyncio tasks that
take turns on a thread may therefore overlap; what draws them makes them nest.
"""

import sys
from _thread import _local

from mptrace.records import COUNTER, INSTANT, SPAN, SPAN_BEGIN
from mptrace.runtime import journal, lifecycle
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import encode, quote, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

NAME = "api"
CATEGORY = "user"
# A span is announced when it begins, so that a killed process shows what it was doing. That costs 1 µs, too much where
# spans are shorter than this; whether one will be is guessed from the last one of its name.
BRIEF_NS = 20_000
# Names that are made up on the fly ("request 4711") must not pile up.
MAX_BRIEF = 1_000

_is_on = False
# When this process's journal began. A span older than that was opened by the process that forked this one.
_born_ns = 0
# The process that has called ready().
_declared_by = 0
# The native id of each thread, which costs a system call.
_thread = _local()
# Names whose last span was brief, with the end of the record of such a span.
_brief: "dict[str, str]" = {}


def span(name: str, /, **args: "Any") -> "AbstractContextManager[object, None]":
    """Record how long a block of code takes, under *name*; *args* are shown beside it.

    >>> import mptrace
    >>> with mptrace.span("load model", path="model.bin"):
    ...     model = sum(range(1000))

    An exception passes through unchanged, and its type is recorded as the argument ``error``. Arguments are recorded
    as they are when the block begins: numbers, strings, lists and dicts as such, anything else by its repr().

    A span that is open when the process is killed is shown as unfinished, unless the one of that name before it took
    less than 20 µs. In a forked child, a span that was opened by its parent begins with the fork. Make a new span for
    each block: one that was made while tracing was off stays off.
    """
    if _is_on:
        return _Span(name, args)
    return _NO_SPAN


def instant(name: str, /, **args: "Any") -> None:
    """Record that something happened on this thread now.

    >>> import mptrace
    >>> mptrace.instant("cache miss", key="user 7")
    """
    if _is_on:
        _instant(name, args)


def counter(name: str, /, **values: float) -> None:
    """Record numbers that change over time; each keyword is a curve of its own.

    >>> import mptrace
    >>> mptrace.counter("queue", waiting=3, running=1)

    A value that is not a number, or not a finite one, is left out.
    """
    if _is_on:
        _counter(name, values)


def ready() -> None:
    """Record that this process is ready for its real work now, where nobody but its own code can tell.

    >>> import mptrace
    >>> model = sum(range(1000))
    >>> mptrace.ready()
    """
    if _is_on:
        _ready()


def is_enabled() -> bool:
    """Return whether this process is being traced.

    >>> import mptrace
    >>> mptrace.is_enabled()
    False
    """
    return journal.is_open()


def renew() -> None:
    """Look again whether this process keeps a journal. If it does, it is a new one, begun now."""
    global _is_on, _born_ns, _thread
    _is_on = journal.is_open()
    _born_ns = now_ns()
    _thread = _local()


class _NoSpan:
    """What span() returns with tracing off, without a line of Python for `with` to run.

    bool() and the __init__ of a string accept whatever __enter__ and __exit__ are given, by ExitStack too, and return
    something false.
    """

    __slots__ = ()
    __enter__ = bool
    __exit__: "Any" = "".__init__  # type: ignore[misc]


def _begin(self: "_Span") -> None:
    name = self.name
    if type(name) is not str:
        name = self.name = str(name)
    tail = _brief.get(name)
    self.is_announced = tail is None
    tail = tail or _tail(name)
    if self.args:
        tail = f"{tail[:-3]}{_encoded(self.args) or '{}'}]"
    self.tail = tail
    self.tid = tid = _thread_id()
    self.begin_ns = begin_ns = now_ns()
    if self.is_announced:
        write(begin_ns, f'["{SPAN_BEGIN}",{tid},{begin_ns},{tail}\n')


def _end(self: "_Span", kind: "type[BaseException] | None", _error: object, _traceback: object) -> None:
    end_ns = now_ns()
    if not self.begin_ns:
        return  # it could not be begun
    begin_ns, tid, tail = self.begin_ns, self.tid, self.tail
    if begin_ns < _born_ns:
        begin_ns, tid = _born_ns, _thread_id()
    if kind is not None:
        comma = "" if tail.endswith("{}]") else ","
        tail = f'{tail[:-2]}{comma}"error":{quote(kind.__name__)}}}]'
    write(end_ns, f'["{SPAN}",{tid},{begin_ns},{end_ns},{tail}\n')
    if (end_ns - begin_ns < BRIEF_NS) is self.is_announced:
        _guess_again(self)


def _guess_again(span: "_Span") -> None:
    """Remember that spans of this name turned out to be brief, or no longer to be."""
    if not span.is_announced:
        _brief.pop(span.name, None)
        return
    if len(_brief) >= MAX_BRIEF:
        _brief.clear()
    _brief[span.name] = _tail(span.name)


def _tail(name: str) -> str:
    """Return what the records of a span without arguments end with."""
    return f'"{CATEGORY}",{quote(name)},{{}}]'


def _thread_id() -> int:
    try:
        tid: int = _thread.tid
    except AttributeError:
        tid = _thread.tid = journal.thread_id()
    return tid


def _write_instant(name: str, args: "dict[str, Any]") -> None:
    at_ns = now_ns()
    fields = f'"{CATEGORY}",{quote(str(name))},{_encoded(args) or "{}"}'
    write(at_ns, f'["{INSTANT}",{_thread_id()},{at_ns},{fields}]\n')


def _write_counter(name: str, values: "dict[str, Any]") -> None:
    at_ns = now_ns()
    numbers = {key: number for key, value in values.items() if (number := _number(value)) is not None}
    if numbers:
        write(at_ns, f'["{COUNTER}",{at_ns},{quote(str(name))},{encode(numbers)}]\n')


def _number(value: "Any") -> "float | None":
    """Return a value as a finite float, or None. A string of digits is not a number; NumPy's numbers are."""
    if not hasattr(type(value), "__float__"):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None  # an array, a signalling NaN, an integer of 400 digits
    return number if number - number == 0 else None


def _declare() -> None:
    """Record that this process is ready, the first time with a name for the time from the last phase to here."""
    global _declared_by
    phase = "" if _declared_by == lifecycle._pid else _own_phase()
    _declared_by = lifecycle._pid
    if phase:
        lifecycle.reopen()
    lifecycle.ready("api", phase)


def _own_phase() -> str:
    """Return the phase in which the host's own code makes this process ready."""
    if lifecycle._is_ready:
        return "initializer"
    # Before run() it is being spawned.
    stage = getattr(sys.modules.get("mptrace.runtime.patches.process_spawn"), "_stage", "")
    return stage or ("bootstrap" if lifecycle.began_by == "fork" else "main-module")


_encoded = guarded(NAME, encode)
_instant = guarded(NAME, _write_instant)
_counter = guarded(NAME, _write_counter)
_ready = guarded(NAME, _declare)


class _Span:
    """What span() returns with tracing on. Nothing of it, a failing repr() included, reaches the host."""

    __slots__ = ("args", "begin_ns", "is_announced", "name", "tail", "tid")
    tid: "int"
    tail: "str"
    is_announced: "bool"

    def __init__(self, name: str, args: "dict[str, Any]") -> None:
        self.name = name
        self.args = args
        self.begin_ns = 0

    __enter__ = guarded(NAME, _begin)
    __exit__ = guarded(NAME, _end)


_NO_SPAN: "AbstractContextManager[object, None]" = _NoSpan()
lifecycle.in_child.append(renew)
renew()
