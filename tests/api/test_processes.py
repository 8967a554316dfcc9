"""Spans in threads, across fork and spawn, and in processes that are killed."""

from pathlib import Path
from typing import Any

from mptrace.records import PROCESS, SPAN, SPAN_BEGIN, THREAD
from tests.hosts import PROGRAMS, Outcome, failures, journals, records, run

API = PROGRAMS / "api"


def traced_run(program: str, folder: Path, *args: str) -> tuple[Outcome, Path]:
    """Run a program of tests/programs/api with tracing on; nothing of ours may fail in it."""
    outcome = run(API / program, traced=True, folder=folder, args=args)
    assert outcome.stderr == b""
    assert outcome.run
    assert failures(outcome.run) == []
    return outcome, outcome.run


def user_spans(run_folder: Path, kind: str = SPAN) -> list[dict[str, Any]]:
    """Return the spans of the API in a run."""
    return [record for record in records(run_folder, kind) if record["category"] == "user"]


def test_each_thread_has_its_own_spans(tmp_path: Path) -> None:
    """A span carries the native id of its thread, whose name is recorded too."""
    outcome, run_folder = traced_run("threads.py", tmp_path)
    printed = {name: int(tid) for name, tid in map(str.split, outcome.stdout.decode().splitlines())}
    assert {span["name"]: span["tid"] for span in user_spans(run_folder)} == printed
    names = {thread["tid"]: thread["name"] for thread in records(run_folder, THREAD)}
    assert [names[printed[name]] for name in ("main", "a", "b")] == ["MainThread", "a", "b"]


def test_killed_process_shows_what_it_was_doing(tmp_path: Path) -> None:
    """Spans that were open at SIGKILL have been announced, and never ended."""
    outcome = run(API / "killed.py", traced=True, folder=tmp_path)
    assert outcome.status == -9
    assert outcome.run
    assert [span["name"] for span in user_spans(outcome.run)] == ["done"]
    opened = [(span["name"], span["args"]) for span in user_spans(outcome.run, SPAN_BEGIN)]
    assert opened == [("done", {}), ("outer", {"rows": 3}), ("inner", {})]


def test_span_around_a_fork_begins_in_the_child_with_the_fork(tmp_path: Path) -> None:
    """Parent and child each have the span: the parent's from its begin, the child's from the fork on."""
    _, run_folder = traced_run("fork_in_span.py", tmp_path)
    headers = {header["pid"]: header for header in records(run_folder, PROCESS)}
    (child,) = (pid for pid, header in headers.items() if header["origin"] == "fork")
    (parent,) = headers.keys() - {child}
    serve = {span["tid"]: span for span in user_spans(run_folder) if span["name"] == "serve"}
    assert serve.keys() == {parent, child}
    assert serve[parent]["args"] == serve[child]["args"] == {"port": 80}
    fork_ns = headers[child]["begin_ns"]
    assert serve[parent]["begin_ns"] <= fork_ns - 10_000_000
    assert fork_ns <= serve[child]["begin_ns"] <= serve[child]["end_ns"] <= serve[parent]["end_ns"]


def test_each_journal_holds_its_own_process(tmp_path: Path) -> None:
    """After a fork each process writes to its own journal."""
    _, run_folder = traced_run("fork_in_span.py", tmp_path)
    for journal in journals(run_folder).values():
        pid = next(record[3] for record in journal if record[0] == PROCESS)
        assert {record[1] for record in journal if record[0] == SPAN} == {pid}


def test_traced_functions_reach_the_workers_of_a_spawn_pool(tmp_path: Path) -> None:
    """What spawn pickles and unpickles is traced in the worker."""
    outcome, run_folder = traced_run("pool_of_traced.py", tmp_path)
    assert outcome.stdout == b"[2, 4] [11, 12]\n"
    assert sorted(span["name"] for span in user_spans(run_folder)) == ["Model.grow"] * 2 + ["double"] * 2


def test_host_sees_no_difference(tmp_path: Path) -> None:
    """A program that uses the API prints and ends the same with tracing off."""
    for program in ("pool_of_traced.py", "fork_in_span.py", "killed.py"):
        on, off = (run(API / program, traced=traced, folder=tmp_path) for traced in (True, False))
        assert (on.stdout, on.stderr, on.status) == (off.stdout, off.stderr, off.status)
