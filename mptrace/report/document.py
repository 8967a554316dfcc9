"""The report for programs: JSON with a schema that is kept.

Offline. Everything that is known, where the summary cuts, except that small reasons of one kind are added up. Every
list is sorted by cost, largest first.
"""

import json
from typing import Any

from mptrace.analysis import imports, locks, phases, processes, stuck
from mptrace.analysis.phases import StartUp
from mptrace.analysis.reasons import Reason, reasons, shortened
from mptrace.report.words import ms
from mptrace.trace.model import End, Faults, Trace

SCHEMA = 1
# Of each process; the others are added up, so that it is still its whole time to ready.
REASONS = 30


def dumps(trace: Trace) -> str:
    """Return the document as text. It is plain ASCII: names may hold what no encoding has bytes for."""
    return json.dumps(document(trace), indent=2) + "\n"


def document(trace: Trace) -> dict[str, Any]:
    """Return all that is known of *trace*."""
    run = trace.run
    ways = sorted(phases.start_ups(trace), key=lambda way: -(way.time_to_ready_ns or 0))
    return {
        "schema": SCHEMA,
        "run": {
            **{name: run.get(name) for name in ("id", "argv", "python", "host", "cpus")},
            "wall_ms": ms(processes.wall_ns(trace)),
        },
        "processes": [_process(way) for way in ways],
        "imports": [_module(cost) for cost in imports.merged(trace.processes)],
        "statements": [],
        "locks": [_lock(wait) for wait in locks.waits(trace)],
        "findings": [],
        "stuck": [_stuck(found) for found in stuck.stuck(trace)],
        "missing": [{"pid": missing.pid, "reason": missing.reason} for missing in trace.missing],
        "overhead": _overhead(processes.overhead(trace)),
    }


def _process(way: StartUp) -> dict[str, Any]:
    process = way.process
    totals = imports.totals(process)
    return {
        "pid": process.pid,
        "name": process.name,
        "role": process.role,
        "parent_pid": process.parent_pid,
        "start_method": process.start_method,
        "start_ms": ms(way.begin_ns),
        "ready_ms": None if way.time_to_ready_ns is None else ms(way.time_to_ready_ns),
        "first_task_ms": None if process.first_task_ns is None else ms(max(0, process.first_task_ns - way.begin_ns)),
        "explained": way.explained,
        "phases": sorted(
            (
                {
                    "name": phase.name,
                    "side": phase.side,
                    "begin_ms": ms(phase.begin_ns),
                    "wall_ms": ms(phase.end_ns - phase.begin_ns),
                    "cpu_ms": ms(phase.cpu_ns),
                }
                for phase in way.phases
            ),
            key=lambda phase: -phase["wall_ms"],
        ),
        "reasons": [_reason(reason) for reason in shortened(reasons(way), REASONS)],
        "imports": {"count": totals.count, "wall_ms": ms(totals.wall_ns)},
        "faults": _faults(process.faults),
        "end": _end(process.end),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "phase": reason.phase.name if reason.phase else None,
        "side": reason.phase.side if reason.phase else None,
        "kind": reason.kind,
        "name": reason.name,
        "wall_ms": ms(reason.wall_ns),
        "measured": reason.is_measured,
    }


def _faults(faults: Faults | None) -> dict[str, int | None]:
    return {"minor": faults.minor if faults else None, "major": faults.major if faults else None}


def _end(end: End) -> dict[str, Any]:
    return {"how": end.how, "status": end.status, "signal": end.signal}


def _module(cost: imports.ModuleCost) -> dict[str, Any]:
    return {
        "module": cost.module,
        "processes": cost.processes,
        "self_ms": ms(cost.self_ns),
        "cumulative_ms": ms(cost.cumulative_ns),
        "loader": cost.loader,
    }


def _lock(wait: locks.Wait) -> dict[str, Any]:
    return {"lock": wait.lock, "pid": wait.process.pid, "waited_ms": ms(wait.waited_ns), "holder": wait.holder}


def _stuck(found: stuck.Stuck) -> dict[str, Any]:
    return {
        "pid": found.process.pid,
        "name": found.process.name,
        "lock": found.lock,
        "holder": found.holder,
        "waited_ms": ms(found.waited_ns),
        "stack": list(found.frames),
    }


def _overhead(cost: processes.Overhead) -> dict[str, Any]:
    return {
        "events": cost.events,
        "boot_ms_per_process": ms(cost.boot_ns_per_process),
        "total_ms": ms(cost.total_ns),
    }
