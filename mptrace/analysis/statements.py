"""What the statements at the top level of modules cost: each one, and all processes together.

Offline. A statement's own time leaves out the statements inside it (of an ``if``, say) but not what it calls, imports
or waits for: own times add up to that of the module, and each is what its line costs.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mptrace.trace.model import Process, Span
from mptrace.trace.nesting import interval, self_times


@dataclass(frozen=True, slots=True)
class StatementCost:
    """One statement over all processes: in how many it was executed, and its own times, summed and worst."""

    file: str
    line: int
    source: str
    processes: int
    wall_ns: int
    worst_ns: int


def own_times(process: Process) -> list[tuple[Span, int]]:
    """Return the statements of *process*, each with its own time."""
    bodies: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for span in process.spans:
        if span.category == "statement":
            bodies[span.tid, span.args["file"]].append(span)
    return [
        (span, own_ns)
        for spans in bodies.values()
        for span, own_ns in zip(spans, self_times([interval(span, process) for span in spans]), strict=True)
    ]


def merged(processes: Iterable[Process]) -> list[StatementCost]:
    """Return what each statement cost in all *processes* together, the largest own time first."""
    return _summed((process, own_times(process)) for process in processes)


def preparing(processes: Iterable[Process]) -> list[StatementCost]:
    """Return the same for statements that a process executed before it began its work.

    A statement that starts a process, in whose course the process was ready, or that was never finished, is the work
    itself (``main()``).
    """
    return _summed(
        (process, [(span, own_ns) for span, own_ns in own_times(process) if not _is_work(span, process)])
        for process in processes
    )


def _is_work(span: Span, process: Process) -> bool:
    end_ns = span.end_ns
    is_over = process.ready_ns is not None and end_ns is not None and end_ns > process.ready_ns
    return (
        end_ns is None
        or is_over
        or any(start.tid == span.tid and span.begin_ns <= start.begin_ns <= end_ns for start in process.starts)
    )


def _summed(costs: Iterable[tuple[Process, Iterable[tuple[Span, int]]]]) -> list[StatementCost]:
    taken_ns: dict[tuple[str, int, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for process, own in costs:
        for span, own_ns in own:
            taken_ns[span.args["file"], span.args["line"], span.name][process.pid] += own_ns
    statements = [
        StatementCost(file, line, source(name, line), len(by_pid), sum(by_pid.values()), max(by_pid.values()))
        for (file, line, name), by_pid in taken_ns.items()
    ]
    return sorted(statements, key=lambda cost: (-cost.wall_ns, cost.file, cost.line))


def source(name: str, line: int) -> str:
    """Return the text of a statement, which follows its place; nothing where only its place is known."""
    return name.partition(f":{line} ")[2]
