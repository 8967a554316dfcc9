"""Waits for locks: for how long, and for whom."""

from pathlib import Path

import pytest

from mptrace.analysis.locks import Wait, waits
from mptrace.trace.merge import load
from tests.journals import MS, Journal, RunFolder
from tests.machines import ALPHA

FLUSH = (101, "MainThread", ["io.py:1 flush"])
HELD = {"lock": "StreamHandler(log)", "holder": 55, "holder_name": "logger", "where": "app.py:10"}


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """Return a run to be filled."""
    return RunFolder(tmp_path / "run")


def waits_of(run: RunFolder) -> list[Wait]:
    """Return the waits of a run."""
    return waits(load([run.write()]))


def forked(run: RunFolder) -> Journal:
    """Return the journal of a child that was forked while a thread of its parent held a handler's lock."""
    run.process(100)
    return run.process(101, ppid=100, begin=10, origin="fork").instant(
        "fork", 10, "lock", threads=[[55, "logger"]], locks=[HELD]
    )


def test_wait_names_the_holder_and_where_it_took_the_lock(run: RunFolder) -> None:
    """A thread has a name and a number, and has taken the lock on some line."""
    run.process(100).span(
        "logging module lock", 1, 5, "lock",
        lock="logging module lock", holder=8, holder_name="loader", where="app.py:3",
    )  # fmt: skip
    (wait,) = waits_of(run)
    assert (wait.lock, wait.waited_ns, wait.holder) == ("logging module lock", 4 * MS, "loader (8) at app.py:3")
    assert not wait.is_open


def test_holder_is_called_by_its_name_in_the_process(run: RunFolder) -> None:
    """A wait that says only a thread's number is told with the name that the process gave it."""
    run.process(100).thread(8, "loader").span("import lock json", 1, 5, "lock", lock="import lock json", holder=8)
    assert [wait.holder for wait in waits_of(run)] == ["loader (8)"]


def test_unknown_holder_is_not_invented(run: RunFolder) -> None:
    """A thread that Python knows nothing of is told by where it was, or not at all."""
    run.process(100).span("a", 1, 3, "lock", holder=0, where="app.py:3").span("b", 4, 5, "lock", holder=0)
    assert [wait.holder for wait in waits_of(run)] == ["a thread at app.py:3", ""]


def test_open_wait_lasts_until_the_process_was_killed(run: RunFolder) -> None:
    """A wait that never ended lasted to the death that the parent saw, past the last sign of life."""
    run.process(100).starts("P", 1, 2, child_pid=101, method="fork").child_ended(90, 101, -9)
    child = run.process(101, ppid=100, begin=2, origin="fork")
    child.span("logging module lock", 10, None, "lock").instant("still waiting", 40, "lock")
    (wait,) = waits_of(run)
    assert (wait.waited_ns, wait.is_open) == (80 * MS, True)


def test_lock_of_a_stream_is_a_wait_of_whoever_is_stuck_in_it(run: RunFolder) -> None:
    """The lock beneath a handler has no span: the stacks say since when, the fork says who held it."""
    forked(run).stacks(20, 60, (101, "MainThread", ["io.py:1 flush"]), cause="stream of StreamHandler(log)")
    (wait,) = waits_of(run)
    assert (wait.lock, wait.waited_ns, wait.is_open) == ("stream of StreamHandler(log)", 40 * MS, True)
    assert wait.holder == "logger (55) at app.py:10"


def test_handler_of_the_same_stream_has_the_same_holder(run: RunFolder) -> None:
    """Where the child writes by another handler than the one that was held, the stream is the same."""
    forked(run).stacks(20, 60, (101, "MainThread", ["io.py:1 flush"]), cause="stream of MyHandler(log)")
    assert [wait.holder for wait in waits_of(run)] == ["logger (55) at app.py:10"]


def test_collection_set_off_by_writing_the_stacks_does_not_hide_the_wait(run: RunFolder) -> None:
    """The stacks are of the moment before it, and come after it in the journal."""
    forked(run).collects(61, 63).stacks(20, 60, FLUSH, cause="stream of StreamHandler(log)")
    assert [(wait.waited_ns, wait.holder) for wait in waits_of(run)] == [(43 * MS, "logger (55) at app.py:10")]


def test_samples_of_the_launcher_do_not_end_the_wait(run: RunFolder) -> None:
    """That the process is seen from outside is a sign of life, and so lengthens the wait, but is no progress."""
    forked(run).stacks(20, 60, FLUSH, cause="stream of StreamHandler(log)")
    run.launcher(100).record("m", at_ns=ALPHA.at(80), pid=101, name="memory", values={"rss": 1})
    assert [(wait.waited_ns, wait.holder) for wait in waits_of(run)] == [(60 * MS, "logger (55) at app.py:10")]


def test_wait_of_another_thread_does_not_end_that_for_the_stream(run: RunFolder) -> None:
    """Who wants the lock of the same handler waits for the thread that is stuck in its stream."""
    journal = forked(run).stacks(20, 60, FLUSH, cause="stream of StreamHandler(log)")
    journal.span("StreamHandler(log)", 70, None, "lock", tid=102).instant("still waiting", 80, "lock")
    assert [wait.waited_ns for wait in waits_of(run)] == [60 * MS, 10 * MS]


def test_stream_that_came_free_is_no_wait(run: RunFolder) -> None:
    """A child that went on after its stacks were written had only a slow stream."""
    forked(run).stacks(20, 60, (101, "", ["io.py:1 flush"]), cause="stream of StreamHandler(log)").instant("on", 70)
    assert waits_of(run) == []


def test_what_a_fork_says_may_be_anything(run: RunFolder) -> None:
    """A record of a fork that is not as it should be leaves the holder unknown."""
    child = run.process(101, begin=10, origin="fork").instant("fork", 10, "lock", locks=["torn"])
    child.stacks(20, 60, (101, "", ["io.py:1 flush"]), cause="stream of StreamHandler(log)")
    assert [wait.holder for wait in waits_of(run)] == [""]
