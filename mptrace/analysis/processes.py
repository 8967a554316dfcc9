"""Facts about processes as such: how long the run took, who started whom, and what tracing itself cost.

Offline.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mptrace.trace.model import Process, Span, Trace
from mptrace.trace.nesting import interval, intervals, outermost


@dataclass(frozen=True, slots=True)
class Overhead:
    """Our own cost in the traced processes, as they measured it themselves.

    ``boot_ns_per_process`` is the mean over those that booted (a forked child does not). ``total_ns`` is all time in
    spans of category tracer (boot, patches, our own imports) and in writing records, over all processes; what was
    written during such a span counts in both. A process that was killed could not say how long it had been writing.
    """

    events: int
    boot_ns_per_process: int
    total_ns: int


def overhead(trace: Trace) -> Overhead:
    """Return what tracing cost this run."""
    boots_ns = [
        end_ns - begin_ns
        for process in trace.processes
        for span in process.spans
        if span.category == "tracer" and span.name == "boot"
        for begin_ns, end_ns in [interval(span, process)]
    ]
    return Overhead(
        events=sum(process.records for process in trace.processes),
        boot_ns_per_process=sum(boots_ns) // len(boots_ns) if boots_ns else 0,
        total_ns=sum(_tracer_ns(process) + process.recording_ns for process in trace.processes),
    )


def wall_ns(trace: Trace) -> int:
    """Return how long the run took: from its origin to the last sign of life of any process."""
    return max((process.last_ns for process in trace.processes), default=0)


def children(trace: Trace) -> Mapping[int, Sequence[Process]]:
    """Return the children of each process that has any, by its pid, in the order in which they began."""
    by_parent: dict[int, list[Process]] = defaultdict(list)
    for process in trace.processes:
        if process.parent_pid is not None:
            by_parent[process.parent_pid].append(process)
    return dict(by_parent)


def _tracer_ns(process: Process) -> int:
    """Return the time in our own spans. Patches are installed during boot: a moment counts once per thread."""
    by_thread: dict[int, list[Span]] = defaultdict(list)
    for span in process.spans:
        if span.category == "tracer":
            by_thread[span.tid].append(span)
    return sum(
        end_ns - begin_ns
        for spans in by_thread.values()
        for begin_ns, end_ns, _ in outermost(intervals(spans, process))
    )
