"""Locks, queues and shared memory that were created on the way to a child.

Offline. The runtime counts what a process creates, and tells it with the moment when the last of it was done, so that
it is known how much there was at another moment: when the process began to start its first child, or, in a child, when
that was ready. Programs, and what os.fork() itself made, never say that they are: what they create is on the way to
children of their own, if any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mptrace.trace.model import Process, Trace

COUNTER = "creations"
TOOK = "took_ns"


@dataclass(frozen=True, slots=True)
class Created:
    """What a process had created by then: how many of each kind, and how long that took in all."""

    process: Process
    until: Literal["first start", "ready"]
    counts: Mapping[str, int]
    took_ns: int


def on_start_path(trace: Trace) -> list[Created]:
    """Return what processes created on the way to their first child, or to being ready, the most expensive first."""
    found = [created for process in trace.processes for created in [_created(process)] if created]
    return sorted(found, key=lambda created: -created.took_ns)


def _created(process: Process) -> Created | None:
    is_child = process.start is not None and (process.ready_ns is not None or process.was_never_ready)
    if is_child:
        until_ns = process.last_ns if process.ready_ns is None else process.ready_ns
    else:
        starts_ns = [start.begin_ns for start in process.starts if start.start_method != "subprocess"]
        until_ns = min(starts_ns, default=-1)
    values: Mapping[str, float] = {}
    for counter in process.counters:
        if counter.name == COUNTER and counter.at_ns <= until_ns:
            values = counter.values
    # A lock that turned out to be part of a queue has been taken back.
    counts = {kind: round(number) for kind, number in values.items() if kind != TOOK and number > 0}
    if not counts:
        return None
    return Created(process, "ready" if is_child else "first start", counts, round(values.get(TOOK, 0)))
