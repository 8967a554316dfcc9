"""What a person is told about a run, before it is known how it will be drawn.

Offline. Lists are sorted by cost, largest first, and cut to what is worth reading; document.py has all of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from signal import SIGTERM
from typing import Any

from mptrace.analysis import creations, imports, locks, phases, processes, stuck
from mptrace.analysis.findings import find
from mptrace.analysis.stuck import Stuck
from mptrace.report import found, loading, start_ups
from mptrace.report.found import FindingLine
from mptrace.report.loading import ImportTree, StatementLine
from mptrace.report.start_ups import Group, Waterfall
from mptrace.report.words import NAME_LENGTH, counted, cut, duration, ms, program, readable
from mptrace.trace.model import Process, Trace
from mptrace.trace.roles import signal_name

FINDINGS = 10
MODULES = 15
LOCKS = 10
NAMES = 3
TROUBLES = 10


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
    """Everything that the report says. ``facts``, ``creations`` and ``troubles`` are a line each."""

    program: str
    facts: Sequence[str]
    findings: Sequence[FindingLine]
    more_findings: int
    groups: Sequence[Group]
    creations: Sequence[str]
    slowest: Waterfall | None
    modules: Sequence[ModuleLine]
    more_modules: int
    statements: Sequence[StatementLine]
    trees: Sequence[ImportTree]
    locks: Sequence[LockLine]
    troubles: Sequence[str]
    overhead: str


def summarize(trace: Trace) -> Summary:
    """Decide what to say about *trace*."""
    modules = imports.merged(trace.processes)
    ways = phases.start_ups(trace)
    slowest = start_ups.slowest(ways)
    findings = find(trace)
    return Summary(
        program=program(trace.run.get("argv")),
        facts=_facts(trace),
        findings=[found.line(finding) for finding in findings[:FINDINGS]],
        more_findings=max(0, len(findings) - FINDINGS),
        groups=start_ups.groups(ways),
        creations=start_ups.creations(creations.on_start_path(trace)),
        slowest=start_ups.waterfall(slowest) if slowest else None,
        modules=[
            ModuleLine(cost.module, cost.processes, ms(cost.self_ns), ms(cost.cumulative_ns))
            for cost in modules[:MODULES]
        ],
        more_modules=max(0, len(modules) - MODULES),
        statements=loading.statement_lines(trace.processes),
        trees=loading.import_trees(trace.processes),
        locks=[
            LockLine(readable(wait.lock), cut(wait.process.name, NAME_LENGTH), ms(wait.waited_ns), wait.holder)
            for wait in locks.waits(trace)[:LOCKS]
        ],
        troubles=_troubles(trace),
        overhead=_overhead(trace),
    )


def _facts(trace: Trace) -> list[str]:
    first, *others = (_of_run(run) for run in (trace.run, *trace.other_runs))
    beside = [
        f"{where or 'another run'}: {program(run.get('argv'))}"
        for run, (where, _) in zip(trace.other_runs, others, strict=True)
    ]
    # Of several machines, or parts of one, no number is that of all.
    cpus = first[1] if all(cpus == first[1] for _, cpus in others) else ""
    count = f"{counted(len(trace.processes), 'process', 'processes')}{cpus} in {duration(ms(processes.wall_ns(trace)))}"
    return [*filter(None, [first[0]]), *_some(beside), count]


def _of_run(run: Mapping[str, Any]) -> tuple[str, str]:
    """Say which run it is, and on how many CPUs."""
    named = {"run": run.get("id"), "host": run.get("host"), "Python": run.get("python")}
    cpus = f" on {counted(int(run['cpus']), 'CPU')}{_allowance(run)}" if run.get("cpus") else ""
    return ", ".join(f"{name} {value}" for name, value in named.items() if value), cpus


def _allowance(run: Mapping[str, Any]) -> str:
    """Say how many of the machine's CPUs the run could use, where it is fewer."""
    affinity, quota = run.get("affinity"), run.get("cpu_quota")
    limits = []
    if isinstance(affinity, int) and affinity < int(run["cpus"]):
        limits.append(f"bound to {affinity}")
    if isinstance(quota, Mapping) and quota.get("period_us"):
        limits.append(f"quota {quota['quota_us'] / quota['period_us']:.3g}")
    return f" ({', '.join(limits)})" if limits else ""


def _troubles(trace: Trace) -> list[str]:
    """Say what is missing or went wrong; what befell many processes is said once."""
    befell: dict[str, list[str]] = {}
    for halted in stuck.stuck(trace):
        befell.setdefault(_stop(halted), []).append(_who(halted.process))
    for process in trace.processes:
        for trouble in troubles_of(process):
            befell.setdefault(trouble, []).append(_who(process))
    return [
        *_some([f"never reported: pid {missing.pid}, {readable(missing.reason)}" for missing in trace.missing]),
        *(f"{', '.join(_some(who, NAMES))}: {what}" for what, who in befell.items()),
        *_some(loading.unmet_names(trace)),
        *_some(trace.warnings),
    ]


def _who(process: Process) -> str:
    return f"{cut(process.name, NAME_LENGTH)} (pid {process.os_pid})"


def _stop(halted: Stuck) -> str:
    """Say where a process is stuck. How long differs from process to process, and is left to document.py."""
    words = ["stuck", f"waiting for {halted.lock}" if halted.lock else ""]
    words.append(f"held by {halted.holder}" if halted.holder else "")
    words.append(f"in {halted.frames[0]}" if halted.frames else "")
    return " ".join(filter(None, words))


def troubles_of(process: Process) -> Iterator[str]:
    """Yield what went wrong in one process."""
    is_late = process.was_never_ready
    where = _in_initializer(process) if is_late else ""
    late = f" before ready{where}" if is_late else ""
    if process.end.signal is not None:
        # Pools end their workers with SIGTERM: once a process was ready, that is how it is meant to end.
        if is_late or process.end.signal != SIGTERM:
            yield f"killed by {signal_name(process.end.signal)}{late}"
    elif process.end.status:
        yield f"ended with exit status {process.end.status}{late}"
    elif is_late:
        yield f"never became ready{where}"
    for failure in process.failures:
        yield f"{failure.what} was recorded only in part: {failure.error}"


def _in_initializer(process: Process) -> str:
    """Say in which initializer of its pool a process came to its end; nothing for any other."""
    for span in process.spans:
        if (span.category, span.name) == ("pool", "initializer") and span.end_ns is None:
            return readable(f", in its initializer {str(span.args.get('function', '')).removeprefix('__mp_main__:')}")
    return ""


def _some(things: Sequence[str], most: int = TROUBLES) -> list[str]:
    """Return the first few, and how many there are beside."""
    return [*things[:most], f"and {len(things) - most:,} more"] if len(things) > most else list(things)


def _overhead(trace: Trace) -> str:
    cost = processes.overhead(trace)
    boot = f"{duration(ms(cost.boot_ns_per_process))} to begin in each process"
    return f"{counted(cost.events, 'record')}, {boot}, {duration(ms(cost.total_ns))} in all"
