"""Which processes never went on, and which only seemed to."""

from pathlib import Path

import pytest

from mptrace.analysis.stuck import Stuck, stuck
from mptrace.trace.merge import load
from tests.journals import MS, Journal, RunFolder

MAIN = (101, "MainThread", ["io.py:7 flush", "app.py:3 work"])
OTHER = (102, "helper", ["threading.py:1 wait"])


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """Return a run to be filled."""
    return RunFolder(tmp_path / "run")


def child(run: RunFolder, killed_at: float | None = 90) -> Journal:
    """Return the journal of a forked child, which its parent saw killed."""
    parent = run.process(100).starts("P", 1, 2, child_pid=101, method="fork")
    if killed_at is not None:
        parent.child_ended(killed_at, 101, -9)
    return run.process(101, ppid=100, begin=2, origin="fork")


def stuck_of(run: RunFolder) -> list[Stuck]:
    """Return the stuck processes of a run."""
    return stuck(load([run.write()]))


def test_child_that_never_goes_on_is_stuck(run: RunFolder) -> None:
    """It has a name, a stack, and the time since its last progress."""
    child(run).stacks(10, 50, OTHER, MAIN)
    (found,) = stuck_of(run)
    assert (found.process.name, found.lock, found.waited_ns) == ("P", "", 80 * MS)
    assert list(found.frames) == ["io.py:7 flush", "app.py:3 work"]


def test_child_that_waits_for_a_lock_is_stuck_in_it(run: RunFolder) -> None:
    """The open wait says which lock, and the stack is that of the thread that waits."""
    journal = child(run).stacks(10, 50, MAIN, OTHER)
    journal.span("logging module lock", 10, None, "lock", tid=102, holder=9, holder_name="loader", where="app.py:1")
    (found,) = stuck_of(run)
    assert (found.lock, found.holder) == ("logging module lock", "loader (9) at app.py:1")
    assert list(found.frames) == ["threading.py:1 wait"]


def test_child_that_died_waiting_is_stuck_without_a_stack(run: RunFolder) -> None:
    """One that was killed before it counted as stuck has left the open wait."""
    child(run).span("logging module lock", 10, None, "lock")
    (found,) = stuck_of(run)
    assert (found.lock, found.waited_ns, list(found.frames)) == ("logging module lock", 80 * MS, [])


def test_child_that_ends_by_itself_was_not_stuck(run: RunFolder) -> None:
    """A slow child comes to an end, whatever its stacks say."""
    child(run, killed_at=None).stacks(10, 50, MAIN).ends(80, 0)
    assert stuck_of(run) == []


def test_child_that_goes_on_was_not_stuck(run: RunFolder) -> None:
    """What it recorded after its stacks is progress, even if it was killed later."""
    child(run).stacks(10, 50, MAIN).ready(60, "P")
    assert stuck_of(run) == []


def test_waiting_on_is_no_progress(run: RunFolder) -> None:
    """That a wait goes on is a sign of life only."""
    child(run).span("a", 10, None, "lock").stacks(10, 50, MAIN).instant("still waiting", 60, "lock")
    assert [found.lock for found in stuck_of(run)] == ["a"]


def test_process_that_waits_and_goes_on_is_not_stuck(run: RunFolder) -> None:
    """A wait that came to its end is only a wait."""
    child(run).span("a", 10, 20, "lock")
    assert stuck_of(run) == []


def test_wait_that_ended_after_the_stacks_is_progress(run: RunFolder) -> None:
    """A process that waited for long, got the lock, and recorded nothing more until it was killed, was only slow."""
    child(run).span("a", 10, 60, "lock").stacks(10, 50, MAIN, cause="a")
    assert stuck_of(run) == []


def test_lock_is_named_where_its_holder_is_not_known(run: RunFolder) -> None:
    """The stacks say what the process is about to pass, and where it is, whatever is known of the fork."""
    child(run).stacks(10, 50, MAIN, cause="stream of StreamHandler(log)")
    (found,) = stuck_of(run)
    assert (found.lock, found.holder, found.waited_ns) == ("stream of StreamHandler(log)", "", 80 * MS)
    assert list(found.frames) == ["io.py:7 flush", "app.py:3 work"]


def test_stack_written_without_the_gil_counts_as_the_last_word(run: RunFolder) -> None:
    """The text of faulthandler does not say when: a process that never ended was stuck at that."""
    lines = ["Timeout (0:00:06)!", "Thread 0x00007f01 (most recent call first):", '  File "app.py", line 3 in work']
    journal = child(run).ready(8, "P")
    for line in lines:
        journal.raw(line)
    (found,) = stuck_of(run)
    assert (list(found.frames), found.waited_ns) == (["app.py:3 work"], 82 * MS)


def test_longest_comes_first(run: RunFolder) -> None:
    """Processes are sorted by how long they have been stuck."""
    child(run).span("a", 50, None, "lock")
    run.process(200, begin=3).span("b", 5, None, "lock").instant("still waiting", 80, "lock")
    assert [found.lock for found in stuck_of(run)] == ["b", "a"]


def test_collection_after_the_stacks_is_no_progress(run: RunFolder) -> None:
    """Writing the stacks may set one off, in the thread that writes them."""
    child(run).collects(51, 52).stacks(10, 50, MAIN)
    (found,) = stuck_of(run)
    assert found.process.os_pid == 101
