"""Traces of the model, made by hand for the exporter's tests. Moments are in milliseconds."""

from collections.abc import Sequence
from typing import Any

from mptrace.trace.model import End, Import, Phase, Process, Span, Start, Trace

MS = 1_000_000


def span(name: str, begin: float, end: float | None, category: str = "user", tid: int = 1, **args: Any) -> Span:
    """Return a span."""
    return Span(category, name, tid, round(begin * MS), None if end is None else round(end * MS), args)


def imported(
    module: str, begin: float, end: float | None, *, importer: str = "__main__", tid: int = 1, **changes: Any
) -> Import:
    """Return an import that was found and loaded at once."""
    begin_ns, end_ns = round(begin * MS), None if end is None else round(end * MS)
    values: dict[str, Any] = {
        "module": module, "tid": tid, "begin_ns": begin_ns, "end_ns": end_ns, "importer": importer, "line": 1,
        "loader": "bytecode", "load_ns": begin_ns, "compile_ns": None, "exec_ns": begin_ns, "wait_ns": 0,
        "holder_tid": None, "is_failed": False,
    }  # fmt: skip
    return Import(**{**values, **changes})


def start(name: str, begin: float, end: float | None, child_pid: int | None = None, method: str = "spawn") -> Start:
    """Return a call that starts a process."""
    return Start(name, method, "app:work", 1, round(begin * MS), None if end is None else round(end * MS), child_pid)


def phase(name: str, begin: float, end: float, side: str = "child", cpu: float = 0) -> Phase:
    """Return a start-up phase."""
    return Phase(name, side, 1, round(begin * MS), round(end * MS), round(cpu * MS))  # type: ignore[arg-type]


def process(pid: int, **changes: Any) -> Process:
    """Return a process of which only *changes* are known; it lived from 0 to 100 ms."""
    values: dict[str, Any] = {
        "pid": pid, "os_pid": pid, "parent_pid": None, "host": "alpha", "name": "app.py", "role": "main",
        "start_method": "root", "python": "3.13.0", "argv": ["python", "app.py"], "begin_ns": 0, "last_ns": 100 * MS,
        "ready_ns": None, "end": End("exited", 0, None, 100 * MS), "start": None, "threads": {1: "MainThread"},
        "spans": [], "imports": [], "starts": [], "phases": [], "instants": [], "counters": [], "failures": [],
        "records": 0, "recording_ns": 0,
    }  # fmt: skip
    return Process(**{**values, **changes})


def child_of(parent: Process, call: Start, pid: int, **changes: Any) -> Process:
    """Return the process that *call* made."""
    values: dict[str, Any] = {
        "parent_pid": parent.pid, "start": call, "name": call.process_name, "role": "process",
        "start_method": call.start_method, "begin_ns": call.begin_ns,
    }  # fmt: skip
    return process(pid, **{**values, **changes})


def trace_of(processes: Sequence[Process]) -> Trace:
    """Return a trace."""
    return Trace({"id": "run"}, 0, processes, [], [])


def by_pid(trace: Trace) -> dict[int, Process]:
    """Return the processes of a trace by their pid."""
    return {process.pid: process for process in trace.processes}
