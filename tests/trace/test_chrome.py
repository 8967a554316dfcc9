"""The Chrome JSON of a trace: which events, in which words."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from mptrace.trace import chrome
from mptrace.trace.model import Counter, End, Failure, Instant, Missing, Process, Trace
from tests.trace.traces import MS, child_of, imported, phase, process, span, start, trace_of


def text_of(trace: Trace) -> str:
    """Return the whole file."""
    stream = io.StringIO()
    chrome.write(trace, stream)
    return stream.getvalue()


def events(trace: Trace, kind: str = "") -> list[dict[str, Any]]:
    """Return the events, or those of one Chrome kind."""
    found: list[dict[str, Any]] = json.loads(text_of(trace))["traceEvents"]
    return [event for event in found if event["ph"] == kind or not kind]


def span_of(known: Process) -> dict[str, Any]:
    """Return the only span of a process."""
    (event,) = events(trace_of([known]), "X")
    return event


def test_one_event_stands_on_each_line() -> None:
    """The file can be read by lines, and is valid JSON with the run in its metadata."""
    text = text_of(trace_of([process(1, spans=[span("s", 1, 2)])]))
    lines = text.splitlines()
    assert lines[0] == '{"traceEvents": ['
    assert lines[-1] == '], "metadata": {"id":"run","schema":1}}'
    assert [json.loads(line.rstrip(","))["ph"] for line in lines[1:-1]] == ["M", "M", "M", "X"]


def test_trace_without_processes_is_valid() -> None:
    """Nothing is valid JSON too."""
    assert json.loads(text_of(trace_of([]))) == {"traceEvents": [], "metadata": {"id": "run", "schema": 1}}


def test_each_of_several_runs_is_in_the_metadata() -> None:
    """The others stand beside the first."""
    trace = replace(trace_of([]), other_runs=[{"id": "other"}])
    assert json.loads(text_of(trace))["metadata"] == {"id": "run", "other_runs": [{"id": "other"}], "schema": 1}


def test_times_are_microseconds_printed_from_nanoseconds() -> None:
    """Not one nanosecond is lost or rounded, however long the run."""
    known = process(1, spans=[span("s", 0, 0)])
    moved = type(known.spans[0])("user", "s", 1, 4_398_046_511_103_999, 4_398_046_511_104_000)
    assert '"ts":4398046511103.999,"dur":0.001,' in text_of(trace_of([process(1, spans=[moved])]))


def test_span_has_category_name_thread_and_arguments() -> None:
    """A span is drawn as it was recorded."""
    assert span_of(process(7, spans=[span("work", 1.5, 2, "user", tid=3, size=4)])) == {
        "ph": "X", "cat": "user", "name": "work", "pid": 7, "tid": 3, "ts": 1500.0, "dur": 500.0, "args": {"size": 4},
    }  # fmt: skip


def test_import_says_how_its_time_was_spent() -> None:
    """Finding, loading and executing are told apart; self time is without what it imported, and without us."""
    outer = imported("app", 1, 9, importer="__main__", load_ns=2 * MS, exec_ns=4 * MS, line=12, loader="source")
    inner = imported("json", 5, 7, importer="app")
    ours = span("import mptrace.runtime.hooks", 8, 8.5, "tracer")
    found = events(trace_of([process(1, imports=[outer, inner], spans=[ours])]), "X")
    assert found[0]["name"] == "app"
    assert found[0]["cat"] == "import"
    assert found[0]["args"] == {
        "self_us": 5500.0, "find_us": 1000.0, "load_us": 2000.0, "exec_us": 5000.0, "loader": "source",
        "importer": "__main__", "line": 12,
    }  # fmt: skip


def test_import_that_failed_or_never_ended_says_so() -> None:
    """What is not known of an import is left out."""
    failed = imported("gone", 1, 2, loader="", load_ns=None, exec_ns=None, is_failed=True)
    open_ = imported("slow", 90, None, loader="", load_ns=None, exec_ns=None)
    found = events(trace_of([process(1, imports=[failed, open_])]), "X")
    assert [event["args"] for event in found] == [
        {"self_us": 1000.0, "importer": "__main__", "line": 1, "failed": True},
        {"self_us": 10000.0, "importer": "__main__", "line": 1, "unfinished": True},
    ]


def test_start_names_the_process_and_the_childs_pid_in_the_trace() -> None:
    """A start points at its child by the pid that the trace gives it, also where that is a synthetic one."""
    call = start("Process-1", 10, 20, child_pid=5)
    parent = process(1, starts=[call])
    child = child_of(parent, call, 10_000_005, os_pid=5)
    found = events(trace_of([parent, child]), "X")[0]
    assert (found["name"], found["cat"], found["args"]) == (
        "start Process-1", "startup", {"child_pid": 10_000_005, "start_method": "spawn"},
    )  # fmt: skip


def test_start_whose_child_never_reported_says_why() -> None:
    """A child that is missing from the trace is named where it was started."""
    trace = replace(trace_of([process(1, starts=[start("P", 10, 20, 5)])]), missing=[Missing(5, "P: killed")])
    assert events(trace, "X")[0]["args"] == {"child_pid": 5, "start_method": "spawn", "missing": "P: killed"}


def test_phase_says_its_side_and_what_was_used_in_it() -> None:
    """Phases are spans of category startup; what is not known of them is left out."""
    bare, full = phase("main-module", 1, 3, cpu=1.25), phase("pickle", 1, 3, "parent")
    full = replace(full, run_queue_ns=1500, minor_faults=7, major_faults=0, args={"bytes": 9})
    found = span_of(process(1, phases=[bare]))
    assert (found["name"], found["cat"]) == ("main-module", "startup")
    assert found["args"] == {"side": "child", "cpu_us": 1250.0}
    assert span_of(process(1, phases=[full]))["args"] == {
        "side": "parent", "cpu_us": 0.0, "run_queue_us": 1.5, "minor_faults": 7, "major_faults": 0, "bytes": 9,
    }  # fmt: skip


def test_start_that_failed_says_so() -> None:
    """It is over, and has no child."""
    assert span_of(process(1, starts=[start("P", 10, 20)]))["args"] == {"start_method": "spawn", "failed": True}


def test_span_that_was_cut_says_how_much() -> None:
    """What is not drawn is in the arguments."""
    found = events(trace_of([process(1, spans=[span("a", 0, 10), span("b", 5, 12)])]), "X")
    assert [event["args"] for event in found] == [{}, {"cut_us": 2000.0}]


def test_flow_runs_from_start_to_the_childs_first_span() -> None:
    """An arrow has both ends, one name, one category, and the child's pid as its id."""
    call = start("P", 10, 20, child_pid=5)
    parent = process(1, starts=[call])
    child = child_of(parent, call, 5, spans=[span("late", 50, 60), span("first", 15, 30, tid=9)])
    found = [event for event in events(trace_of([parent, child])) if event["ph"] in "sf"]
    common = {"cat": "startup", "name": "start", "id": 5}
    assert found == [
        {"ph": "s", **common, "pid": 1, "tid": 1, "ts": 10000.0},
        {"ph": "f", "bp": "e", **common, "pid": 5, "tid": 9, "ts": 15000.0},
    ]


def test_flow_runs_from_a_plain_fork_to_the_childs_first_span() -> None:
    """Where no start() was called, the arrow begins at the phase in which the parent forked."""
    fork = phase("fork", 10, 11, "parent")
    parent = process(1, phases=[phase("fork", 5, 6, "parent"), fork])
    child = process(5, parent_pid=1, fork=fork, spans=[span("first", 12, 30)])
    found = [event for event in events(trace_of([parent, child])) if event["ph"] in "sf"]
    assert [(event["pid"], event["ts"]) for event in found] == [(1, 10000.0), (5, 12000.0)]


@pytest.mark.parametrize(
    ("role", "name"), [("resource-tracker", "start resource_tracker"), ("forkserver", "start forkserver")]
)
def test_flow_runs_from_where_multiprocessing_started_its_server(role: str, name: str) -> None:
    """Not to a server of the same kind that began later, nor from a span that the host named so."""
    starts = [span(name, 1, 6, tid=1), span(name, 2, 5, "startup", tid=3)]
    servers = [
        process(pid, begin_ns=begin * MS, parent_pid=1, role=role, spans=[span("s", begin, 9)])
        for pid, begin in ((7, 4), (8, 8))
    ]
    begin, end = (event for event in events(trace_of([process(1, spans=starts), *servers])) if event["ph"] in "sf")
    assert (begin["pid"], begin["tid"], begin["ts"]) == (1, 3, 2000)
    assert (end["pid"], end["ts"], end["id"]) == (7, 4000, begin["id"])


def test_flow_never_runs_backwards() -> None:
    """Where clocks of two hosts disagree, the arrow takes no time."""
    call = start("P", 10, 20, child_pid=5)
    parent = process(1, starts=[call])
    child = child_of(parent, call, 5, spans=[span("first", 7, 30)])
    assert [event["ts"] for event in events(trace_of([parent, child])) if event["ph"] in "sf"] == [10000.0, 10000.0]


def test_flow_without_its_parent_is_not_drawn() -> None:
    """An arrow from nowhere would be an error."""
    call = start("P", 10, 20, child_pid=5)
    assert [event["ph"] for event in events(trace_of([child_of(process(1), call, 5)]))] == ["M", "M", "M", "M", "X"]


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "app.py (main, exit 0)"),
        ({"end": End("exited", None, None, 1)}, "app.py (main, exited)"),
        ({"end": End("unknown", None, None, None)}, "app.py (main, end unknown)"),
        (
            {"name": "P-1", "role": "pool-worker", "start_method": "spawn", "end": End("signaled", None, 9, 1)},
            "P-1 (pool worker, spawn, killed by SIGKILL)",
        ),
        (
            {"name": "forkserver", "role": "forkserver", "start_method": "subprocess"},
            "forkserver (subprocess, exit 0)",
        ),
        ({"role": "subprocess", "start_method": "subprocess"}, "app.py (subprocess, exit 0)"),
        ({"name": "/srv/app"}, "srv/app (main, exit 0)"),
        ({"name": "/"}, "python (main, exit 0)"),
    ],
)
def test_process_name_says_what_a_person_wants_to_know(changes: dict[str, Any], label: str) -> None:
    """Name, role, start method and end, short, never beginning with a slash."""
    found = events(trace_of([process(10_000_007, os_pid=7, **changes)]), "M")[0]
    assert (found["name"], found["pid"], found["args"]) == ("process_name", 10_000_007, {"name": label, "os_pid": 7})


def test_processes_are_shown_in_the_order_in_which_they_began() -> None:
    """The sort index is the place in the trace."""
    found = events(trace_of([process(9), process(3)]), "M")
    assert [event["args"]["sort_index"] for event in found if event["name"] == "process_sort_index"] == [0, 1]


def test_every_thread_has_a_name() -> None:
    """A thread that has none is called by its number, the first one is the main thread."""
    known = process(4, threads={5: "reader"}, spans=[span("a", 1, 2, tid=4), span("b", 1, 2, tid=6)])
    found = events(trace_of([known]), "M")
    assert {event["tid"]: event["args"]["name"] for event in found if event["name"] == "thread_name"} == {
        4: "MainThread", 5: "reader", 6: "thread 6",
    }  # fmt: skip


def test_points_are_instants_and_counters() -> None:
    """Instants, the moment of being ready, failures of ours and samples have no duration."""
    known = process(
        1,
        spans=[span("s", 0, 1)],
        instants=[Instant("user", "here", 1, 2 * MS, {"n": 1})],
        ready_ns=3 * MS,
        failures=[Failure("imports", "KeyError: 1", 4 * MS)],
        counters=[Counter("memory", 5 * MS, {"rss": 7}), Counter("cpu", 6 * MS, {"on_cpu_ns": 2_500_000})],
    )
    found = [event for event in events(trace_of([known])) if event["ph"] in "iC"]
    assert [(event.get("s"), event["name"], event["ts"], event["args"]) for event in found] == [
        ("t", "here", 2000.0, {"n": 1}),
        ("p", "ready", 3000.0, {}),
        ("p", "failed: imports", 4000.0, {"error": "KeyError: 1"}),
        (None, "memory", 5000.0, {"rss": 7}),
        (None, "cpu", 6000.0, {"on_cpu_ms": 2.5}),
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, None, "7"])
def test_counter_holds_only_finite_numbers(value: Any) -> None:
    """A value that Perfetto cannot count is left out; a counter without values too."""
    known = process(1, counters=[Counter("c", 1, {"bad": value, "good": 1}), Counter("d", 2, {"bad": value})])
    assert [event["args"] for event in events(trace_of([known]), "C")] == [{"good": 1}]


@pytest.mark.parametrize("name", ["größe", "模块", "🦊", 'say "hi"', "back\\slash"])
def test_text_is_raw_utf8(name: str) -> None:
    """Text is written as it is, never in escapes, which Perfetto does not undo."""
    text = text_of(trace_of([process(1, spans=[span(name, 1, 2, note=name)])]))
    assert "\\u" not in text
    assert [event["name"] for event in json.loads(text)["traceEvents"] if event["ph"] == "X"] == [name]


def test_what_json_has_no_word_for_is_replaced() -> None:
    """Half a surrogate pair, endless numbers, deep nests and objects become something that can be read."""
    nest: list[Any] = []
    for _ in range(400):
        nest = [nest]
    found = span_of(
        process(1, spans=[span("lone \udcff", 1, 2, big=2**70, nan=float("nan"), nest=nest, key={1: "\ud800"})])
    )
    assert found["name"] == "lone \ufffd"
    assert found["args"]["big"] == str(2**70)
    assert found["args"]["nan"] is None
    assert found["args"]["key"] == {"1": "\ufffd"}
    assert "…" in str(found["args"]["nest"])


def test_long_names_are_cut_and_kept_in_full() -> None:
    """Of spans, starts, imports, instants, processes and threads; one of 60 letters is whole."""
    long, most = "n" * 5000, "m" * 60
    cut = "n" * 59 + "…"
    whole = process(
        1,
        name=long,
        threads={1: long, 2: most},
        spans=[span(long, 1, 2, size=3), span(most, 3, 4), span(f"app.py:1 {most}", 5, None, "statement")],
        imports=[imported(long, 6, 7)],
        starts=[start(long, 8, 9, 5)],
        instants=[Instant("user", long, 1, 10 * MS, {"size": 3})],
    )
    found = events(trace_of([whole]))
    named = [(event["name"], event["args"].get("full_name")) for event in found if event["ph"] in "Xi"]
    assert named == [
        (cut, long),
        (most, None),
        (f"app.py:1 {'m' * 50}…", f"app.py:1 {most}"),
        (cut, long),
        (f"start {'n' * 53}…", f"start {long}"),
        (cut, long),
    ]
    assert [event["args"].get("size") for event in found if event["ph"] in "Xi"] == [3, None, None, None, None, 3]
    labels = {event["name"]: event["args"] for event in found if event["ph"] == "M" and event.get("tid") != 2}
    assert labels["process_name"] == {"name": f"{cut} (main, exit 0)", "os_pid": 1, "full_name": long}
    assert labels["thread_name"] == {"name": cut, "full_name": long}
