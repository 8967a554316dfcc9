"""What a person is told about a run, before it is known how it will be drawn.

Offline. Lists are sorted by cost, largest first, and cut to what is worth reading; document.py has all of it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from signal import SIGTERM
from statistics import median
from typing import Any

from mptrace.analysis import imports, locks, phases, processes
from mptrace.analysis.phases import StartUp
from mptrace.report.words import counted, duration, ms, program
from mptrace.trace.model import Process, Trace
from mptrace.trace.roles import signal_name

MODULES = 15
LOCKS = 10
NAMES = 3
TROUBLES = 10
PHASES_PER_GROUP = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Processes of one role and start method. Phases are (name, mean over the group), the longest few."""

    role: str
    start_method: str
    count: int
    ready: int
    median_ms: float | None
    worst_ms: float | None
    phases: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One phase of one process; ``share`` is its part of time-to-ready."""

    name: str
    side: str
    wall_ms: float
    cpu_ms: float
    share: float


@dataclass(frozen=True, slots=True)
class Slowest:
    """The process that took longest to be ready."""

    name: str
    pid: int
    ready_ms: float
    phases: Sequence[PhaseLine]


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """One module, over all processes that executed it."""

    module: str
    processes: int
    self_ms: float
    cumulative_ms: float


@dataclass(frozen=True, slots=True)
class LockLine:
    """Waits for one lock in one process."""

    lock: str
    process: str
    waited_ms: float
    holder: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that the report says. ``facts`` and ``troubles`` are a line each."""

    program: str
    facts: Sequence[str]
    groups: Sequence[Group]
    slowest: Slowest | None
    modules: Sequence[ModuleLine]
    more_modules: int
    locks: Sequence[LockLine]
    troubles: Sequence[str]
    overhead: str


def summarize(trace: Trace) -> Summary:
    """Decide what to say about *trace*."""
    modules = imports.merged(trace.processes)
    ways = phases.start_ups(trace)
    return Summary(
        program=program(trace.run.get("argv")),
        facts=_facts(trace),
        groups=_groups(ways),
        slowest=_slowest(ways),
        modules=[
            ModuleLine(cost.module, cost.processes, ms(cost.self_ns), ms(cost.cumulative_ns))
            for cost in modules[:MODULES]
        ],
        more_modules=max(0, len(modules) - MODULES),
        locks=[
            LockLine(wait.lock, wait.process.name, ms(wait.waited_ns), wait.holder)
            for wait in locks.waits(trace)[:LOCKS]
        ],
        troubles=_troubles(trace),
        overhead=_overhead(trace),
    )


def _facts(trace: Trace) -> list[str]:
    run = trace.run
    named = {"run": run.get("id"), "host": run.get("host"), "Python": run.get("python")}
    where = ", ".join(f"{name} {value}" for name, value in named.items() if value)
    cpus = f" on {counted(int(run['cpus']), 'CPU')}{_allowance(run)}" if run.get("cpus") else ""
    taken = duration(ms(processes.wall_ns(trace)))
    return [*filter(None, [where]), f"{counted(len(trace.processes), 'process', 'processes')}{cpus} in {taken}"]


def _allowance(run: Mapping[str, Any]) -> str:
    """Say how many of the machine's CPUs the run could use, where it is fewer."""
    affinity, quota = run.get("affinity"), run.get("cpu_quota")
    limits = []
    if isinstance(affinity, int) and affinity < int(run["cpus"]):
        limits.append(f"bound to {affinity}")
    if isinstance(quota, Mapping) and quota.get("period_us"):
        limits.append(f"quota {quota['quota_us'] / quota['period_us']:.3g}")
    return f" ({', '.join(limits)})" if limits else ""


def _groups(ways: Iterable[StartUp]) -> list[Group]:
    """Put like processes together, the group that took longest to be ready first; the root stays on top."""
    members: dict[tuple[str, str], list[StartUp]] = {}
    for way in ways:
        members.setdefault((way.process.role, way.process.start_method), []).append(way)
    groups = [_group(role, start_method, group) for (role, start_method), group in members.items()]
    return sorted(groups, key=lambda group: (group.start_method != "root", -(group.worst_ms or 0) * group.count))


def _group(role: str, start_method: str, members: Sequence[StartUp]) -> Group:
    ready = [ms(way.time_to_ready_ns) for way in members if way.time_to_ready_ns is not None]
    spent_ns: Counter[str] = Counter()
    for way in members:
        for phase in way.phases:
            spent_ns[phase.name] += phase.end_ns - phase.begin_ns
    return Group(
        role=role,
        start_method=start_method,
        count=len(members),
        ready=len(ready),
        median_ms=median(ready) if ready else None,
        worst_ms=max(ready, default=None),
        phases=[(name, ms(total_ns // len(members))) for name, total_ns in spent_ns.most_common(PHASES_PER_GROUP)],
    )


def _slowest(ways: Iterable[StartUp]) -> Slowest | None:
    """Return the child that took longest, with its phases in the order in which they began."""
    children = [(way.time_to_ready_ns, way) for way in ways if way.process.start and way.time_to_ready_ns]
    if not children:
        return None
    taken_ns, slowest = max(children, key=lambda child: child[0])
    lines = [
        PhaseLine(
            phase.name,
            phase.side,
            ms(phase.end_ns - phase.begin_ns),
            ms(phase.cpu_ns),
            (phase.end_ns - phase.begin_ns) / taken_ns,
        )
        for phase in slowest.phases
    ]
    return Slowest(slowest.process.name, slowest.process.os_pid, ms(taken_ns), lines)


def _troubles(trace: Trace) -> list[str]:
    """Say what is missing or went wrong; what befell many processes is said once."""
    befell: dict[str, list[str]] = {}
    for process in trace.processes:
        for trouble in _troubles_of(process):
            befell.setdefault(trouble, []).append(f"{process.name} (pid {process.os_pid})")
    return [
        *_some([f"never reported: pid {missing.pid}, {missing.reason}" for missing in trace.missing]),
        *(f"{', '.join(_some(who, NAMES))}: {what}" for what, who in befell.items()),
        *_some(trace.warnings),
    ]


def _troubles_of(process: Process) -> Iterator[str]:
    is_late = process.start is not None and process.ready_ns is None
    if process.end.signal is not None:
        # Pools end their workers with SIGTERM: once a process was ready, that is how it is meant to end.
        if is_late or process.end.signal != SIGTERM:
            yield f"killed by {signal_name(process.end.signal)}" + (" before ready" if is_late else "")
    elif process.end.status:
        yield f"ended with exit status {process.end.status}" + (" before ready" if is_late else "")
    elif is_late:
        yield "never became ready"
    for failure in process.failures:
        yield f"{failure.what} was recorded only in part: {failure.error}"


def _some(things: Sequence[str], most: int = TROUBLES) -> list[str]:
    """Return the first few, and how many there are beside."""
    return [*things[:most], f"and {len(things) - most:,} more"] if len(things) > most else list(things)


def _overhead(trace: Trace) -> str:
    cost = processes.overhead(trace)
    boot = f"{duration(ms(cost.boot_ns_per_process))} to begin in each process"
    return f"{counted(cost.events, 'record')}, {boot}, {duration(ms(cost.total_ns))} in all"
