"""What imports cost: each one, each process, and all processes together.

Offline. Self time is a module's own; cumulative time includes what it imported in turn. Our own work inside an import
is taken out of its self time.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from mptrace.trace.model import Import, Process
from mptrace.trace.nesting import import_self_times, intervals, outermost


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
    times = intervals(process.imports, process)
    return [
        ImportCost(event, self_ns, end_ns - begin_ns)
        for event, (begin_ns, end_ns), self_ns in zip(
            process.imports, times, import_self_times(process, times), strict=True
        )
    ]


def totals(process: Process) -> ImportTotals:
    """Return how many modules a process executed, and for how long it did so."""
    by_thread: dict[int, list[Import]] = defaultdict(list)
    for event in process.imports:
        by_thread[event.tid].append(event)
    wall_ns = sum(
        end_ns - begin_ns
        for events in by_thread.values()
        for begin_ns, end_ns, _ in outermost(intervals(events, process))
    )
    return ImportTotals(sum(not event.is_failed for event in process.imports), wall_ns)


def merged(processes: Iterable[Process]) -> list[ModuleCost]:
    """Return what each module cost in all *processes* together, the largest self time first.

    Modules that were looked for in vain are among them: looking costs too.
    """
    sums: dict[str, _Sum] = defaultdict(_Sum)
    for process in processes:
        pid, times = process.pid, intervals(process.imports, process)
        own_ns = import_self_times(process, times)
        for event, (begin_ns, end_ns), self_ns in zip(process.imports, times, own_ns, strict=True):
            entry = sums[event.module]
            entry.loaders[event.loader] += 1
            entry.self_ns += self_ns
            entry.cumulative_ns += end_ns - begin_ns
            if entry.last_pid != pid:
                entry.last_pid = pid
                entry.processes += 1
    modules = [entry.result(module) for module, entry in sums.items()]
    return sorted(modules, key=lambda cost: (-cost.self_ns, cost.module))


@dataclass(slots=True)
class _Sum:
    """What is added up for one module, process by process: a run may hold a million imports, so they are not kept."""

    processes: int = 0
    last_pid: int | None = None
    loaders: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    self_ns: int = 0
    cumulative_ns: int = 0

    def result(self, module: str) -> ModuleCost:
        # Of the ways it was loaded the most frequent: source in the first process is often bytecode in the others.
        loader = max(self.loaders, key=self.loaders.__getitem__)
        count = sum(self.loaders.values())
        return ModuleCost(module, self.processes, count, self.self_ns, self.cumulative_ns, loader)
