"""Forks: who forked whom, where, and what the parent was like at that moment.

Offline. A fork that only executes another program is not among them: of what it inherits, that program keeps nothing.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mptrace.trace.model import Phase, Process, Start, Trace


@dataclass(frozen=True, slots=True)
class Fork:
    """One fork; ``phase`` is the parent's, ``start`` the call of start() that it was made in, if it was in any.

    ``child`` is None where it is not known which process came of it. ``threads`` are all that the parent had, itself
    included, ``python_threads`` those that Python knew of, ``others`` the names of the latter except the one that
    forked. What was not recorded is 0, or empty.
    """

    parent: Process
    phase: Phase
    child: Process | None
    start: Start | None
    file: str
    line: int
    threads: int
    python_threads: int
    others: Sequence[str]
    resident_bytes: int
    page_table_bytes: int


def forks(trace: Trace) -> list[Fork]:
    """Return the forks of *trace* whose children went on with the program, in the order of the parents and of time."""
    children = _children(trace)
    found = []
    for process in trace.processes:
        programs = [start for start in process.starts if start.start_method == "subprocess"]
        for phase in process.phases:
            if phase.name == "fork" and not any(_is_within(phase, start) for start in programs):
                child = children.get((process.pid, phase.tid, phase.begin_ns))
                if child is None or not _executes(child):
                    found.append(_fork(process, phase, child))
    return found


def _fork(parent: Process, phase: Phase, child: Process | None) -> Fork:
    args = phase.args
    python_threads = _number(args.get("python_threads"))
    others = args.get("others")
    return Fork(
        parent,
        phase,
        child,
        next((start for start in parent.starts if start.start_method == "fork" and _is_within(phase, start)), None),
        str(args.get("file", "")),
        _number(args.get("line")),
        max(_number(args.get("threads")), python_threads),
        python_threads,
        [str(name) for name in others] if isinstance(others, list) else [],
        _number(args.get("resident_bytes")),
        _number(args.get("page_table_bytes")),
    )


def _children(trace: Trace) -> dict[tuple[int, int, int], Process]:
    """Return the forked processes by the pid of the parent, and the thread and begin of the parent's phase."""
    by_pid = {process.pid: process for process in trace.processes}
    found = {}
    for process in trace.processes:
        parent = by_pid.get(process.parent_pid) if process.parent_pid is not None else None
        phase = process.fork or (_phase_of(parent, process.start) if parent and process.start else None)
        if parent and phase:
            found[parent.pid, phase.tid, phase.begin_ns] = process
    return found


def _phase_of(parent: Process, start: Start) -> Phase | None:
    """Return the fork that a call of start() made."""
    position = bisect_left(parent.phases, start.begin_ns, key=lambda phase: phase.begin_ns)
    for phase in parent.phases[position:]:
        if start.end_ns is not None and phase.begin_ns > start.end_ns:
            break
        if phase.name == "fork" and phase.tid == start.tid:
            return phase
    return None


def _is_within(phase: Phase, start: Start) -> bool:
    end_ns = phase.begin_ns if start.end_ns is None else start.end_ns
    return start.tid == phase.tid and start.begin_ns <= phase.begin_ns <= end_ns


def _executes(child: Process) -> bool:
    """Return whether a process came to execute another program in its place."""
    return child.start_method == "subprocess" or any(
        instant.category == "subprocess" and instant.name == "exec" for instant in child.instants
    )


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
