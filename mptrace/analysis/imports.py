"""What imports cost: each one, each process, and all processes together.

Offline. Self time is a module's own; cumulative time includes what it imported in turn. Our own work inside an import
is taken out of its self time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from mptrace.trace.model import Import, Process
from mptrace.trace.nesting import import_self_times, interval, nest


@dataclass(frozen=True, slots=True)
class ImportCost:
    """One import with its times. One that was never finished lasts until the process's last sign of life."""

    event: Import
    self_ns: int
    cumulative_ns: int


@dataclass(frozen=True, slots=True)
class ImportTotals:
    """All imports of one process. ``wall_ns`` counts a moment once per thread, however deep the imports nest."""

    count: int
    wall_ns: int


@dataclass(frozen=True, slots=True)
class ModuleCost:
    """One module over all processes: in how many it was executed, how often, and its times summed."""

    module: str
    processes: int
    count: int
    self_ns: int
    cumulative_ns: int
    loader: str


def costs(process: Process) -> list[ImportCost]:
    """Return the imports of one process with their times, in the order of ``process.imports``."""
    return [
        ImportCost(event, self_ns, _duration_ns(event, process))
        for event, self_ns in zip(process.imports, import_self_times(process), strict=True)
    ]


def totals(process: Process) -> ImportTotals:
    """Return how many modules a process executed, and for how long it did so."""
    by_thread: dict[int, list[Import]] = defaultdict(list)
    for event in process.imports:
        by_thread[event.tid].append(event)
    wall_ns = sum(
        item.end_ns - item.begin_ns
        for events in by_thread.values()
        for item in nest([interval(event, process) for event in events])
        if item.parent is None
    )
    return ImportTotals(sum(not event.is_failed for event in process.imports), wall_ns)


def merged(processes: Iterable[Process]) -> list[ModuleCost]:
    """Return what each module cost in all *processes* together, the largest self time first.

    Modules that were looked for in vain are among them: looking costs too.
    """
    sums: dict[str, _Sum] = defaultdict(_Sum)
    for process in processes:
        for cost in costs(process):
            sums[cost.event.module].add(process.pid, cost)
    modules = [entry.result(module) for module, entry in sums.items()]
    return sorted(modules, key=lambda cost: (-cost.self_ns, cost.module))


@dataclass(slots=True)
class _Sum:
    """What is added up for one module; a run may hold a million imports, so they are not kept."""

    pids: set[int] = field(default_factory=set)
    loaders: Counter[str] = field(default_factory=Counter)
    self_ns: int = 0
    cumulative_ns: int = 0

    def add(self, pid: int, cost: ImportCost) -> None:
        self.pids.add(pid)
        self.loaders[cost.event.loader] += 1
        self.self_ns += cost.self_ns
        self.cumulative_ns += cost.cumulative_ns

    def result(self, module: str) -> ModuleCost:
        # Of the ways it was loaded the most frequent: source in the first process is often bytecode in the others.
        loader = self.loaders.most_common(1)[0][0]
        count = self.loaders.total()
        return ModuleCost(module, len(self.pids), count, self.self_ns, self.cumulative_ns, loader)


def _duration_ns(event: Import, process: Process) -> int:
    begin_ns, end_ns = interval(event, process)
    return end_ns - begin_ns
