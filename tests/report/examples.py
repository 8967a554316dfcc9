"""A small trace to report on: a root that starts two spawned workers, one of which is slow and is killed.

Serves the tests. Times are whole milliseconds, so that what is drawn can be read off.
"""

from typing import Any

from mptrace.trace.model import End, Import, Missing, Phase, Process, Span, Start, Trace

MS = 1_000_000
RUN = {"id": "20260102T030405Z-10", "argv": ["/usr/bin/python3", "app.py"], "python": "3.13.0", "host": "vm", "cpus": 2}


def imported(module: str, begin_ms: int, end_ms: int, **changes: Any) -> Import:
    """Return the execution of a module."""
    begin_ns = begin_ms * MS
    values: dict[str, Any] = {
        "module": module, "tid": 1, "begin_ns": begin_ns, "end_ns": end_ms * MS, "importer": "app", "line": 1,
        "loader": "bytecode", "load_ns": begin_ns, "compile_ns": None, "exec_ns": begin_ns, "wait_ns": 0,
        "holder_tid": None, "is_failed": False,
    }  # fmt: skip
    return Import(**{**values, **changes})


def phase(name: str, begin_ms: int, end_ms: int) -> Phase:
    """Return a phase in the child, half of which was spent on a CPU."""
    return Phase(name, "child", 1, begin_ms * MS, end_ms * MS, (end_ms - begin_ms) * MS // 2)


def process(pid: int, name: str, **changes: Any) -> Process:
    """Return a process that nothing is known of but what *changes* say."""
    values: dict[str, Any] = {
        "pid": pid, "os_pid": pid, "parent_pid": None, "host": "vm", "name": name, "role": "main",
        "start_method": "root", "python": "3.13.0", "argv": ["python3", "app.py"], "begin_ns": 0, "last_ns": 2000 * MS,
        "ready_ns": None, "end": End("exited", 0, None, 2000 * MS), "start": None, "threads": {1: "MainThread"},
        "spans": [], "imports": [], "starts": [], "phases": [], "instants": [], "counters": [], "failures": [],
        "records": 10, "recording_ns": 1 * MS,
    }  # fmt: skip
    return Process(**{**values, **changes})


def worker(pid: int, begin_ms: int, main_module_ms: int, **changes: Any) -> Process:
    """Return a spawned worker: 20 ms to interpreter, then its main module, which imports pandas for most of that."""
    begin_ns, main_ms = begin_ms * MS, begin_ms + 20
    ready_ms = main_ms + main_module_ms
    start = Start(f"Process-{pid}", "spawn", "app:work", 1, begin_ns, begin_ns + 5 * MS, pid)
    values: dict[str, Any] = {
        "parent_pid": 10, "role": "process", "start_method": "spawn", "begin_ns": begin_ns, "ready_ns": ready_ms * MS,
        "start": start, "phases": [phase("interpreter", begin_ms, main_ms), phase("main-module", main_ms, ready_ms)],
        "imports": [imported("pandas", main_ms, ready_ms - 10), imported("pandas.core", main_ms + 10, main_ms + 30)],
        "spans": [Span("tracer", "boot", 1, begin_ns, begin_ns + 2 * MS)],
    }  # fmt: skip
    return process(pid, start.process_name, **{**values, **changes})


def example() -> Trace:
    """Return the trace."""
    root = process(10, "MainProcess", imports=[imported("json", 5, 10)])
    slow = worker(12, 200, 380, end=End("signaled", None, 9, 700 * MS))
    return Trace(
        run=RUN,
        origin_ns=0,
        processes=[root, worker(11, 100, 80), slow],
        missing=[Missing(13, "it was killed by signal 9")],
        warnings=["10-1.journal: torn tail"],
    )
