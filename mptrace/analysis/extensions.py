"""Extension modules that took long to load: the threads that loading them started, and the page faults.

Offline. The runtime counted before and after; what it says of an import is an instant of category ``extension``.
"""

from dataclasses import dataclass

from mptrace.trace.model import Instant, Process, Trace


@dataclass(frozen=True, slots=True)
class Loaded:
    """One extension module in one process. ``load_ns`` is None where its import is not in the trace."""

    process: Process
    module: str
    threads: int
    minor_faults: int
    major_faults: int
    load_ns: int | None


def loaded(trace: Trace) -> list[Loaded]:
    """Return each load that was counted, in the order of the processes and of time."""
    return [
        _loaded(process, instant)
        for process in trace.processes
        for instant in process.instants
        if instant.category == "extension"
    ]


def _loaded(process: Process, instant: Instant) -> Loaded:
    threads, minor, major = (_count(instant, name) for name in ("threads", "minor_faults", "major_faults"))
    loads_ns = [
        (event.exec_ns or instant.at_ns) - event.load_ns
        for event in process.imports
        if event.module == instant.name and event.load_ns is not None and event.begin_ns <= instant.at_ns
    ]
    return Loaded(process, instant.name, threads, minor, major, loads_ns[-1] if loads_ns else None)


def _count(instant: Instant, name: str) -> int:
    value = instant.args.get(name)
    return value if isinstance(value, int) else 0
