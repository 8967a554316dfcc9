"""Which interval lies inside which.

Offline. Arithmetic on intervals of one thread, whatever they stand for: drawing needs them nested, and self time is
what nesting leaves over.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from mptrace.trace.model import Import, Phase, Process, Span, Start

Interval = tuple[int, int]


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
    order = sorted(range(len(intervals)), key=lambda index: (intervals[index][0], -intervals[index][1]))
    for index in order:
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


def self_times(intervals: Sequence[Interval]) -> list[int]:
    """Return each interval's duration minus that of its children, in the order given."""
    self_ns = [0] * len(intervals)
    for item in nest(intervals):
        duration_ns = item.end_ns - item.begin_ns
        self_ns[item.number] += duration_ns
        if item.parent is not None:
            self_ns[item.parent] -= duration_ns
    return self_ns


def interval(event: Span | Import | Start | Phase, process: Process) -> Interval:
    """Return when *event* of *process* began and ended; what is unfinished lasts until the last sign of life."""
    end_ns = process.last_ns if event.end_ns is None else event.end_ns
    return event.begin_ns, max(event.begin_ns, end_ns)


def import_self_times(process: Process) -> list[int]:
    """Return the self time of each import of *process*, in their order.

    Of what lies inside an import, only other imports and our own cost (tracer) are not the module's own: a lock it
    waits for, a collection it triggers or a statement of it are.
    """
    ours = [span for span in process.spans if span.category == "tracer"]
    by_thread: dict[int, list[int]] = defaultdict(list)
    events: list[Import | Span] = [*process.imports, *ours]
    for number, event in enumerate(events):
        by_thread[event.tid].append(number)
    self_ns = [0] * len(events)
    for numbers in by_thread.values():
        times = self_times([interval(events[number], process) for number in numbers])
        for number, time_ns in zip(numbers, times, strict=True):
            self_ns[number] = time_ns
    return self_ns[: len(process.imports)]
