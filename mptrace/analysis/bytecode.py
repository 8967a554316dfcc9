"""Modules that were compiled from source, which a .pyc file would have saved, and why there was none to be used.

Offline. Told from what the trace shows: whether Python was to write .pyc files at all, and whether the compilation of
one process served those after it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mptrace.trace.model import Import, Process, Trace

Reason = Literal["not to be written", "could not be written", "missing or out of date"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A module that was compiled, how often, in how many processes, and what that took in all."""

    module: str
    processes: int
    count: int
    wall_ns: int
    reason: Reason


def compiled(trace: Trace) -> list[Compiled]:
    """Return the modules that were compiled, the costliest first."""
    found: dict[str, list[tuple[Process, Import]]] = defaultdict(list)
    for process in trace.processes:
        for event in process.imports:
            if event.compile_ns is not None:
                found[event.module].append((process, event))
    modules = [
        Compiled(
            module,
            len({process.pid for process, _ in times}),
            len(times),
            sum(_taken_ns(process, event) for process, event in times),
            _reason(trace, times),
        )
        for module, times in found.items()
    ]
    return sorted(modules, key=lambda cost: (-cost.wall_ns, cost.module))


def _taken_ns(process: Process, event: Import) -> int:
    compile_ns = event.compile_ns or event.begin_ns
    return max(0, (event.exec_ns or event.end_ns or process.last_ns) - compile_ns)


def _reason(trace: Trace, times: Sequence[tuple[Process, Import]]) -> Reason:
    if trace.run.get("dont_write_bytecode") or any("-B" in process.argv for process, _ in times):
        return "not to be written"
    return "could not be written" if _was_in_vain([event for _, event in times]) else "missing or out of date"


def _was_in_vain(events: Iterable[Import]) -> bool:
    """Return whether one was compiled again after another had been executed: a .pyc is written before that."""
    begins_ns = [event.begin_ns for event in events]
    executed_ns = [event.exec_ns for event in events if event.exec_ns is not None]
    return bool(executed_ns) and max(begins_ns) > min(executed_ns)
