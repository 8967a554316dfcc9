"""The report for programs: JSON with a schema that is kept.

Offline. Everything that is known, where the summary cuts, except that small reasons of one kind are added up. Every
list is sorted by cost, largest first; findings too, whatever their severity.
"""

import json
from collections.abc import Mapping
from typing import Any

from mptrace.analysis import (
    bytecode,
    creations,
    extensions,
    import_tree,
    imports,
    locks,
    named_spans,
    phases,
    processes,
    stuck,
)
from mptrace.analysis import statements as statement_costs
from mptrace.analysis.findings import find
from mptrace.analysis.findings.model import Finding
from mptrace.analysis.phases import StartUp
from mptrace.analysis.reasons import Reason, reasons, shortened
from mptrace.report.words import ms
from mptrace.trace.model import End, Faults, Process, Trace

SCHEMA = 1
# Of each process; the others are added up, so that it is still its whole time to ready.
REASONS = 30


def dumps(trace: Trace) -> str:
    """Return the document as text. It is plain ASCII: names may hold what no encoding has bytes for."""
    return json.dumps(document(trace), indent=2) + "\n"


def document(trace: Trace) -> dict[str, Any]:
    """Return all that is known of *trace*."""
    ways = sorted(phases.start_ups(trace), key=lambda way: -(way.time_to_ready_ns or 0))
    return {
        "schema": SCHEMA,
        "run": {**_run(trace.run), "wall_ms": ms(processes.wall_ns(trace))},
        "other_runs": [_run(run) for run in trace.other_runs],
        "processes": [_process(way) for way in ways],
        "imports": _imports(trace),
        "import_trees": _import_trees(trace),
        "compiled": [_compiled(cost) for cost in bytecode.compiled(trace)],
        "extensions": [_extension(loaded) for loaded in extensions.loaded(trace)],
        "statements": [_statement(cost) for cost in statement_costs.merged(trace.processes)],
        "unmet_spans": [{"name": unmet.name, "reason": unmet.reason} for unmet in named_spans.unmet(trace)],
        "creations": [_created(created) for created in creations.on_start_path(trace)],
        "locks": [_lock(wait) for wait in locks.waits(trace)],
        "findings": [_finding(finding) for finding in sorted(find(trace), key=lambda finding: -finding.cost_ns)],
        "stuck": [_stuck(found) for found in stuck.stuck(trace)],
        "missing": [{"pid": missing.pid, "reason": missing.reason} for missing in trace.missing],
        "failures": [
            {"pid": process.pid, "what": failure.what, "error": failure.error}
            for process in trace.processes
            for failure in process.failures
        ],
        "warnings": list(trace.warnings),
        "overhead": _overhead(processes.overhead(trace)),
    }


def _run(run: Mapping[str, Any]) -> dict[str, Any]:
    return {name: run.get(name) for name in ("id", "argv", "python", "host", "cpus")}


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


def _imports(trace: Trace) -> list[dict[str, Any]]:
    chains = import_tree.importers(trace.processes)
    return [
        {
            "module": cost.module,
            "processes": cost.processes,
            "self_ms": ms(cost.self_ns),
            "cumulative_ms": ms(cost.cumulative_ns),
            "loader": cost.loader,
            "importers": [{"module": module, "line": line} for module, line in chains[cost.module]],
        }
        for cost in imports.merged(trace.processes)
    ]


def _import_trees(trace: Trace) -> list[dict[str, Any]]:
    """Return a tree of imports for the processes of each role and start method, and for what came after ready."""
    groups: dict[tuple[str, str], list[Process]] = {}
    for process in trace.processes:
        groups.setdefault((process.role, process.start_method), []).append(process)
    return [
        {
            "role": role,
            "start_method": start_method,
            "after_ready": root is found.after,
            "processes": root.processes,
            "total_ms": ms(root.total_ns),
            "modules": [_node(node) for node in root.nodes()],
        }
        for (role, start_method), members in groups.items()
        for found in [import_tree.trees(members)]
        for root in (found.before, found.after)
        if root.processes
    ]


def _node(node: import_tree.Node) -> dict[str, Any]:
    return {
        "module": node.module,
        "importer": node.importer,
        "line": node.line,
        "loader": node.loader,
        "processes": node.processes,
        "self_ms": ms(node.self_ns),
        "median_ms": ms(node.median_ns),
        "worst_ms": ms(node.worst_ns),
        "total_ms": ms(node.total_ns),
        "modules": [_node(inner) for inner in node.nodes()],
    }


def _compiled(cost: bytecode.Compiled) -> dict[str, Any]:
    return {
        "module": cost.module,
        "processes": cost.processes,
        "wall_ms": ms(cost.wall_ns),
        "reason": cost.reason,
    }


def _extension(loaded: extensions.Loaded) -> dict[str, Any]:
    return {
        "module": loaded.module,
        "pid": loaded.process.pid,
        "threads": loaded.threads,
        "faults": {"minor": loaded.minor_faults, "major": loaded.major_faults},
        "load_ms": None if loaded.load_ns is None else ms(loaded.load_ns),
    }


def _statement(cost: statement_costs.StatementCost) -> dict[str, Any]:
    return {
        "file": cost.file,
        "line": cost.line,
        "source": cost.source,
        "processes": cost.processes,
        "wall_ms": ms(cost.wall_ns),
    }


def _created(created: creations.Created) -> dict[str, Any]:
    return {
        "pid": created.process.pid,
        "until": created.until,
        "counts": dict(created.counts),
        "wall_ms": ms(created.took_ns),
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


def _finding(finding: Finding) -> dict[str, Any]:
    predicted = finding.predicted
    return {
        "rule": finding.rule,
        "title": finding.title,
        "severity": finding.severity,
        "cost_ms": ms(finding.cost_ns),
        "processes": list(finding.pids),
        "where": [{"file": place.file, "line": place.line} for place in finding.where],
        "evidence": list(finding.evidence),
        "remedy": finding.remedy,
        "contained_in": finding.contained_in,
        "predicted": {"gain_ms": ms(predicted.gain_ns), "change": predicted.change} if predicted else None,
    }


def _overhead(cost: processes.Overhead) -> dict[str, Any]:
    return {
        "events": cost.events,
        "boot_ms_per_process": ms(cost.boot_ns_per_process),
        "total_ms": ms(cost.total_ns),
    }
