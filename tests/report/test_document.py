"""The JSON document has the schema that is promised, and the numbers of the trace."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mptrace.analysis.findings.model import Finding, Severity
from mptrace.report.document import REASONS, document, dumps
from mptrace.trace.model import Counter, End, Failure, Faults, Instant, Span, Stacks, Start, ThreadStack
from tests.report.examples import MS, RUN, example, imported, process, worker


def shape(value: Any) -> Any:
    """Return a value's keys, all the way down; a list is shaped like its first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else None


NODE: dict[str, Any] = dict.fromkeys(
    ("module", "importer", "line", "loader", "processes", "self_ms", "median_ms", "worst_ms", "total_ms")
) | {"modules": []}
SHAPE = {
    "schema": None,
    "run": dict.fromkeys(("id", "python", "host", "cpus", "wall_ms")) | {"argv": [None]},
    "other_runs": [],
    "processes": [
        dict.fromkeys(
            ("pid", "name", "role", "parent_pid", "start_method", "start_ms", "ready_ms", "first_task_ms", "explained")
        )
        | {
            "phases": [dict.fromkeys(("name", "side", "begin_ms", "wall_ms", "cpu_ms"))],
            "reasons": [dict.fromkeys(("phase", "side", "kind", "name", "wall_ms", "measured"))],
            "imports": dict.fromkeys(("count", "wall_ms")),
            "faults": dict.fromkeys(("minor", "major")),
            "end": dict.fromkeys(("how", "status", "signal")),
        }
    ],
    "imports": [
        dict.fromkeys(("module", "processes", "self_ms", "cumulative_ms", "loader"))
        | {"importers": [dict.fromkeys(("module", "line"))]}
    ],
    "import_trees": [
        dict.fromkeys(("role", "start_method", "after_ready", "processes", "total_ms")) | {"modules": [NODE]}
    ],
    "compiled": [],
    "extensions": [],
    "statements": [],
    "unmet_spans": [],
    "creations": [],
    "locks": [],
    "stuck": [],
    "findings": [
        dict.fromkeys(("rule", "title", "severity", "cost_ms", "remedy", "contained_in"))
        | {
            "processes": [None],
            "where": [dict.fromkeys(("file", "line"))],
            "evidence": [None],
            "predicted": dict.fromkeys(("gain_ms", "change")),
        }
    ],
    "missing": [dict.fromkeys(("pid", "reason"))],
    "failures": [],
    "warnings": [None],
    "overhead": dict.fromkeys(("events", "boot_ms_per_process", "total_ms")),
}


def test_schema_is_what_is_promised() -> None:
    """All keys, and no others."""
    assert shape(document(example())) == SHAPE


def test_lists_are_sorted_by_cost() -> None:
    """The process that took longest comes first, and so do the longest phase and the most expensive module."""
    said = document(example())
    assert [process["pid"] for process in said["processes"]] == [12, 11, 10]
    assert [phase["name"] for phase in said["processes"][0]["phases"]] == ["main-module", "interpreter"]
    assert [cost["module"] for cost in said["imports"]] == ["pandas", "pandas.core", "json"]


def test_findings_are_sorted_by_cost_whatever_their_severity(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report for people begins with errors; this one is for programs, which have the severity beside the cost."""
    severities: list[Severity] = ["error", "warning", "note"]
    found = [Finding("rule", "", severity, cost_ns, [], [], [], "") for cost_ns, severity in enumerate(severities)]
    monkeypatch.setattr("mptrace.report.document.find", lambda _trace: found)
    assert [finding["severity"] for finding in document(example())["findings"]] == ["note", "warning", "error"]


def test_what_went_wrong_is_told() -> None:
    """A journal that was cut short, and a patch that was switched off, with the process it was in."""
    trace = example()
    failed = replace(trace.processes[0], failures=[Failure("gc", "OSError: no", 5)])
    said = document(replace(trace, processes=[failed, *trace.processes[1:]]))
    assert said["warnings"] == ["10-1.journal: torn tail"]
    assert said["failures"] == [{"pid": 10, "what": "gc", "error": "OSError: no"}]


def test_times_are_milliseconds_since_the_run_began() -> None:
    """start_ms is a moment, ready_ms a duration from there."""
    slow, _, root = document(example())["processes"]
    assert (slow["start_ms"], slow["ready_ms"], slow["explained"]) == (200.0, 400.0, 1.0)
    assert slow["phases"][0] == {
        "name": "main-module", "side": "child", "begin_ms": 220.0, "wall_ms": 380.0, "cpu_ms": 190.0,
    }  # fmt: skip
    assert (root["start_ms"], root["ready_ms"], root["explained"]) == (0.0, None, None)


def test_reasons_add_up_to_time_to_ready() -> None:
    """Each says in which phase what took how long, and whether that was measured or derived."""
    slow = document(example())["processes"][0]
    assert slow["reasons"][:2] == [
        {
            "phase": "main-module", "side": "child", "kind": "import", "name": "pandas", "wall_ms": 350.0,
            "measured": True,
        },
        {
            "phase": "main-module", "side": "child", "kind": "import", "name": "pandas.core", "wall_ms": 20.0,
            "measured": True,
        },
    ]  # fmt: skip
    assert sum(reason["wall_ms"] for reason in slow["reasons"]) == slow["ready_ms"]


def test_small_reasons_are_added_up() -> None:
    """A process with many imports names the dearest; the others are one reason, and the sum is the same."""
    modules = [imported(f"m{number}", 100 + number, 101 + number) for number in range(2 * REASONS)]
    trace = replace(example(), processes=[worker(11, 0, 180, imports=modules)])
    (only,) = document(trace)["processes"]
    assert sum(reason["wall_ms"] for reason in only["reasons"]) == only["ready_ms"] == 200.0
    assert len(only["reasons"]) <= REASONS + 3
    assert ("import", "") in [(reason["kind"], reason["name"]) for reason in only["reasons"]]


def test_run_and_overhead_are_there() -> None:
    """What was run, how long it took, and what tracing added."""
    said = document(example())
    assert said["run"] == {**RUN, "wall_ms": 2000.0}
    assert said["other_runs"] == []
    assert said["overhead"] == {"events": 30, "boot_ms_per_process": 2.0, "total_ms": 7.0}
    assert said["missing"] == [{"pid": 13, "reason": "it was killed by signal 9"}]


def test_each_of_several_runs_is_told() -> None:
    """The first is the run; the others stand beside it, without a time of their own."""
    said = document(replace(example(), other_runs=[{**RUN, "id": "other", "host": "elsewhere"}, {}]))
    assert said["run"]["id"] == RUN["id"]
    assert said["other_runs"] == [{**RUN, "id": "other", "host": "elsewhere"}, dict.fromkeys(RUN)]


def test_page_faults_are_the_last_count() -> None:
    """Those of a process are said as the trace has them; null where nobody counted."""
    trace = replace(example(), processes=[process(10, "MainProcess", faults=Faults(2, 0)), process(11, "other")])
    assert [row["faults"] for row in sorted(document(trace)["processes"], key=lambda row: row["pid"])] == [
        {"minor": 2, "major": 0}, {"minor": None, "major": None},
    ]  # fmt: skip


def test_waits_for_locks_are_listed() -> None:
    """Which lock, who waited, for how long, and for whom."""
    wait = Span("lock", "import json", 1, 5 * MS, 25 * MS, {"lock": "import json", "holder": 7})
    trace = replace(example(), processes=[process(10, "MainProcess", spans=[wait], threads={7: "Loader"})])
    assert document(trace)["locks"] == [{"lock": "import json", "pid": 10, "waited_ms": 20.0, "holder": "Loader (7)"}]


def test_what_was_created_before_the_first_start_is_listed() -> None:
    """Who created what, and how long that took."""
    call = Start("Process-1", "spawn", "app:work", 1, 9 * MS, 10 * MS, 2)
    counter = Counter("creations", 5 * MS, {"Lock": 2, "took_ns": 3 * MS})
    trace = replace(example(), processes=[process(10, "MainProcess", starts=[call], counters=[counter])])
    assert document(trace)["creations"] == [{"pid": 10, "until": "first start", "counts": {"Lock": 2}, "wall_ms": 3.0}]


def test_stuck_processes_are_listed() -> None:
    """Which process, in which lock, held by whom, for how long, and where."""
    wait = Span("lock", "a lock", 1, 5 * MS, None, {"lock": "a lock", "holder": 7, "where": "app.py:3"})
    stacks = [Stacks("a lock", 5 * MS, 9 * MS, [ThreadStack(1, "MainThread", ["app.py:7 work"])])]
    end = End("signaled", None, 9, 30 * MS)
    hung = process(10, "P", spans=[wait], stacks=stacks, end=end, last_ns=9 * MS, threads={7: "Loader"})
    assert document(replace(example(), processes=[hung]))["stuck"] == [
        {"pid": 10, "name": "P", "lock": "a lock", "holder": "Loader (7) at app.py:3", "waited_ms": 25.0,
         "stack": ["app.py:7 work"]},
    ]  # fmt: skip


def test_imports_are_a_tree_for_each_kind_of_process() -> None:
    """What was imported in the course of what, in all processes of a role and start method together."""
    main, workers = document(example())["import_trees"]
    assert (main["role"], main["start_method"], main["processes"], main["total_ms"]) == ("main", "root", 1, 5.0)
    assert (workers["role"], workers["start_method"], workers["after_ready"]) == ("process", "spawn", False)
    assert (workers["processes"], workers["total_ms"]) == (2, 440.0)
    pandas = workers["modules"][0]
    assert (pandas["module"], pandas["importer"], pandas["line"]) == ("pandas", "app", 1)
    assert (pandas["median_ms"], pandas["worst_ms"], pandas["total_ms"]) == (220.0, 370.0, 440.0)
    assert (pandas["self_ms"], [inner["module"] for inner in pandas["modules"]]) == (400.0, ["pandas.core"])


def test_statements_are_summed_over_processes() -> None:
    """Where each is, what it says, in how many processes it was executed, and what it took in all."""
    loads = [Span("statement", "app.py:3 load()", 1, 0, ms * MS, {"file": "/src/app.py", "line": 3}) for ms in (20, 30)]
    processes = [process(pid, "Process", spans=[load]) for pid, load in enumerate(loads)]
    assert document(replace(example(), processes=processes))["statements"] == [
        {"file": "/src/app.py", "line": 3, "source": "load()", "processes": 2, "wall_ms": 50.0}
    ]


def test_what_was_compiled_and_loaded_is_told_with_the_reason() -> None:
    """A module compiled in vain, native code that starts threads, and a function that never became a span."""
    source = imported("app", 5, 10, compile_ns=6 * MS, exec_ns=9 * MS, loader="source")
    counts = {"threads": 3, "minor_faults": 20, "major_faults": 1}
    native = imported("numpy.core", 20, 50, load_ns=25 * MS, exec_ns=45 * MS)
    known = process(
        10, "Main", imports=[source, native], instants=[Instant("extension", "numpy.core", 1, 45 * MS, counts)]
    )
    said = document(
        replace(example(), run={**RUN, "dont_write_bytecode": True, "spans": ["app:run"]}, processes=[known])
    )
    assert said["compiled"] == [{"module": "app", "processes": 1, "wall_ms": 3.0, "reason": "not to be written"}]
    assert said["extensions"] == [
        {"module": "numpy.core", "pid": 10, "threads": 3, "faults": {"minor": 20, "major": 1}, "load_ms": 20.0}
    ]
    assert said["unmet_spans"] == [{"name": "app:run", "reason": "no process imported app"}]


def test_text_is_ascii() -> None:
    """Names that no encoding has bytes for are written all the same."""
    trace = replace(example(), processes=[process(10, "caf\xe9 \udcff")])
    text = dumps(trace)
    assert text.isascii()
    assert json.loads(text)["processes"][0]["name"] == "caf\xe9 \udcff"


def test_first_task_counts_from_the_start_of_its_worker() -> None:
    """Like ready_ms; a process that had no task has none."""
    trace = example()
    trace = replace(trace, processes=[*trace.processes[:1], replace(trace.processes[1], first_task_ns=350 * MS)])
    assert {row["pid"]: row["first_task_ms"] for row in document(trace)["processes"]} == {10: None, 11: 250}
