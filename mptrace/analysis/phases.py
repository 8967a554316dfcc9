"""How each process came up: its start-up phases, and how much of the way to ready they explain.

Offline. The way to ready begins in the parent, where start() was entered, and ends in the child: phases of both
processes cover it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from operator import attrgetter

from mptrace.analysis.critical_path import Piece, critical_path
from mptrace.trace.model import Phase, Process, Start, Trace

# These are over when the child runs, which may be after its parent, or the server, has gone on.
FORKING = ("fork", "forkserver")


@dataclass(frozen=True, slots=True)
class StartUp:
    """The way of one process to ready.

    It begins where start() was entered in ``parent``, or with the process itself where nothing is known of a start().
    ``ready_ns`` is None for a process that never became ready, or never said so; then there is no ``path``.
    """

    process: Process
    parent: Process | None
    begin_ns: int
    ready_ns: int | None
    phases: Sequence[Phase]
    path: Sequence[Piece]

    @property
    def time_to_ready_ns(self) -> int | None:
        """From start() entered to ready."""
        return None if self.ready_ns is None else max(0, self.ready_ns - self.begin_ns)

    @property
    def explained(self) -> float | None:
        """The share of the way to ready that phases cover, None where there is no way to explain."""
        if not self.path:
            return None
        explained_ns = sum(piece.wall_ns for piece in self.path if piece.phase)
        return explained_ns / (self.path[-1].end_ns - self.path[0].begin_ns)


def start_ups(trace: Trace) -> list[StartUp]:
    """Return the start-up of each process, in the order of the trace."""
    by_pid = {process.pid: process for process in trace.processes}
    starting = {process.pid: _starting(process) for process in trace.processes}
    found = []
    for process in trace.processes:
        parent = by_pid.get(process.parent_pid) if process.parent_pid is not None else None
        found.append(_start_up(process, parent, starting[parent.pid] if parent else ()))
    return found


def _starting(process: Process) -> list[Phase]:
    """Return the phases of a process in which it started others, in the order in which they began."""
    return sorted((phase for phase in process.phases if phase.side == "parent"), key=_begin_ns)


_begin_ns = attrgetter("begin_ns")


def _start_up(process: Process, parent: Process | None, starting: Sequence[Phase]) -> StartUp:
    start = process.start
    begin_ns = start.begin_ns if start else process.begin_ns
    own = [phase for phase in process.phases if phase.side == "child"]
    parents = _parents_phases(start, parent, starting) if start and parent else []
    phases = [*_until_child_ran(parents, own), *own]
    phases.sort(key=lambda phase: (phase.begin_ns, phase.end_ns))
    path = critical_path(begin_ns, process.ready_ns, phases)
    return StartUp(process, parent, begin_ns, process.ready_ns, phases, path)


def _parents_phases(start: Start, parent: Process, starting: Sequence[Phase]) -> list[Phase]:
    """Return those phases of *parent* that its thread went through from the beginning of *start* until it was over."""
    end_ns = start.end_ns if start.end_ns is not None else parent.last_ns
    first = bisect_left(starting, start.begin_ns, key=_begin_ns)
    begun = takewhile(lambda phase: phase.begin_ns < end_ns, islice(starting, first, None))
    return [phase for phase in begun if phase.tid == start.tid]


def _until_child_ran(parents: Sequence[Phase], own: Sequence[Phase]) -> list[Phase]:
    """Return the parent's phases, the last of them up to the first of the child's *own* if it is the fork."""
    phases = sorted(parents, key=lambda phase: phase.end_ns)
    if phases and own and phases[-1].name in FORKING:
        first_ns = min(phase.begin_ns for phase in own)
        phases[-1] = replace(phases[-1], end_ns=max(phases[-1].end_ns, first_ns))
    return phases
