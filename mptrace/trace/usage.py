"""What a process had used at moments of its life, as counters.

Offline. The runtime says it in records that it writes anyway: as a process begins, is ready, and ends.
"""

from collections.abc import Callable, Iterator, Sequence

from mptrace.records import END, PROCESS, READY
from mptrace.trace.model import Counter, Faults
from mptrace.trace.reader import NAMES
from mptrace.trace.table import Table

FAULTS = "page faults"
CPU = "cpu"
COLLECTIONS = "garbage collections"
# The kinds of record that say it, with the field that says when.
MOMENTS = {PROCESS: "monotonic_ns", READY: "at_ns", END: "at_ns"}


def counters(kind: str, records: Table, at: Callable[[int], int]) -> Iterator[Counter]:
    """Yield what *records* of one of the kinds in MOMENTS say. What was not counted is left out."""
    for record in records:
        fields = dict(zip(NAMES[kind], record, strict=True))
        at_ns = at(fields[MOMENTS[kind]])
        if fields["minor_faults"] is None or fields["major_faults"] is None:
            continue
        yield Counter(FAULTS, at_ns, {"minor": fields["minor_faults"], "major": fields["major_faults"]})
        times = {"on_cpu_ns": fields["on_cpu_ns"], "runqueue_ns": fields["run_queue_ns"]}
        yield Counter(CPU, at_ns, {name: ns for name, ns in times.items() if ns is not None})
        if fields.get("collections") is not None:
            values = {"count": fields["collections"], "time_ns": fields["collecting_ns"] or 0}
            yield Counter(COLLECTIONS, at_ns, values)


def faults(counted: Sequence[Counter]) -> Faults | None:
    """Return the page faults as last counted, from the counters of a process in the order of time."""
    for counter in reversed(counted):
        if counter.name == FAULTS:
            return Faults(int(counter.values.get("minor", 0)), int(counter.values.get("major", 0)))
    return None
