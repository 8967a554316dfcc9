"""Which interval lies inside which.

Offline. Arithmetic on intervals of one thread, whatever they stand for: drawing needs them nested, and self time is
what nesting leaves over.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from operator import lt
from typing import NamedTuple

from mptrace.trace.model import Import, Phase, Process, Span, Start

Interval = tuple[int, int]
# A time, and the number of the interval that it belongs to.
Stretch = tuple[int, int, int]


class Nested(NamedTuple):
    """Where the interval number ``number`` belongs: cut to its ``parent`` (a number too, or None), ``depth`` below.

    A tuple, because there are millions of them.
    """

    number: int
    begin_ns: int
    end_ns: int
    parent: int | None
    depth: int


def nest(intervals: Sequence[Interval]) -> list[Nested]:
    """Return the intervals outermost first, made to nest perfectly.

    The one that begins first is the parent, of those that begin together the longest, then the first given. A child
    that outlasts its parent is cut off at the parent's end: two clock readings for one moment differ by a hair.
    """
    nested: list[Nested] = []
    open_: list[Nested] = []
    for index in outermost_first(intervals):
        begin_ns, end_ns = intervals[index]
        while open_ and open_[-1].end_ns <= begin_ns:
            open_.pop()
        end_ns = max(begin_ns, end_ns)
        parent = None
        if open_:
            parent = open_[-1].number
            end_ns = min(end_ns, open_[-1].end_ns)
        item = Nested(index, begin_ns, end_ns, parent, len(open_))
        nested.append(item)
        open_.append(item)
    return nested


def outermost_first(intervals: Sequence[Interval]) -> Iterable[int]:
    """Return the numbers of the intervals by begin, of those that begin together the longest first."""
    begins_ns = [begin_ns for begin_ns, _ in intervals]
    if all(map(lt, begins_ns, islice(begins_ns, 1, None))):
        return range(len(begins_ns))  # as those of one thread nearly always are
    if len(set(begins_ns)) == len(begins_ns):
        return sorted(range(len(begins_ns)), key=begins_ns.__getitem__)
    keys = [(begin_ns, -end_ns) for begin_ns, end_ns in intervals]
    return sorted(range(len(keys)), key=keys.__getitem__)


def self_times(intervals: Sequence[Interval]) -> list[int]:
    """Return each interval's duration minus that of its children, in the order given.

    What nest() would say, without making what it returns: a trace may hold a million imports.
    """
    # The last one is what contains everything.
    self_ns = [0] * (len(intervals) + 1)
    inside, last_ns = len(intervals), float("inf")
    around: list[tuple[int, float]] = []
    for number in outermost_first(intervals):
        begin_ns, end_ns = intervals[number]
        while last_ns <= begin_ns:
            inside, last_ns = around.pop()
        if end_ns > last_ns:
            end_ns = int(last_ns)
        if end_ns > begin_ns:
            self_ns[inside] -= end_ns - begin_ns
            self_ns[number] = end_ns - begin_ns
            around.append((inside, last_ns))
            inside, last_ns = number, end_ns
    return self_ns[:-1]


def outermost(intervals: Sequence[Interval]) -> list[Stretch]:
    """Return the stretches in which anything went on, each with the outermost interval, in order."""
    stretches: list[Stretch] = []
    reached_ns = float("-inf")
    for number in outermost_first(intervals):
        begin_ns, end_ns = intervals[number]
        if begin_ns >= reached_ns:
            reached_ns = max(begin_ns, end_ns)
            stretches.append((begin_ns, max(begin_ns, end_ns), number))
    return stretches


def innermost(intervals: Sequence[Interval]) -> list[Stretch]:
    """Return the stretches in which anything went on, each with the innermost interval, in order."""
    stretches: list[Stretch] = []
    open_: list[int] = []
    ends_ns: list[int] = []
    reached_ns = 0
    for number in outermost_first(intervals):
        begin_ns, end_ns = intervals[number]
        while open_ and ends_ns[-1] <= begin_ns:
            reached_ns = _reach(stretches, reached_ns, ends_ns.pop(), open_.pop())
        if open_:
            _reach(stretches, reached_ns, begin_ns, open_[-1])
            end_ns = min(end_ns, ends_ns[-1])
        if end_ns > begin_ns:
            open_.append(number)
            ends_ns.append(end_ns)
        reached_ns = begin_ns
    while open_:
        reached_ns = _reach(stretches, reached_ns, ends_ns.pop(), open_.pop())
    return stretches


def _reach(stretches: list[Stretch], from_ns: int, to_ns: int, number: int) -> int:
    if to_ns > from_ns:
        stretches.append((from_ns, to_ns, number))
    return to_ns


def interval(event: Span | Import | Start | Phase, process: Process) -> Interval:
    """Return when *event* of *process* began and ended; what is unfinished lasts until the last sign of life."""
    end_ns = process.last_ns if event.end_ns is None else event.end_ns
    return event.begin_ns, max(event.begin_ns, end_ns)


def intervals(events: Iterable[Span | Import], process: Process) -> list[Interval]:
    """Return interval() of each event; there may be a million."""
    return [
        (begin_ns, end_ns)
        if (end_ns := event.end_ns) is not None and (begin_ns := event.begin_ns) <= end_ns
        else interval(event, process)
        for event in events
    ]


def import_self_times(process: Process, times: Sequence[Interval]) -> list[int]:
    """Return the self time of each import of *process*, in their order; *times* are their intervals().

    Of what lies inside an import, only other imports and our own cost (tracer) are not the module's own: a lock it
    waits for, a collection it triggers or a statement of it are.
    """
    own = [span for span in process.spans if span.category == "tracer"]
    events: list[Import | Span] = [*process.imports, *own]
    known = [*times, *intervals(own, process)]
    by_thread: dict[int, list[int]] = {tid: [] for tid in {event.tid for event in events}}
    if len(by_thread) == 1:  # as nearly always
        return self_times(known)[: len(times)]
    for number, event in enumerate(events):
        by_thread[event.tid].append(number)
    self_ns = [0] * len(known)
    for numbers in by_thread.values():
        times_ns = self_times([known[number] for number in numbers])
        for number, time_ns in zip(numbers, times_ns, strict=True):
            self_ns[number] = time_ns
    return self_ns[: len(times)]
