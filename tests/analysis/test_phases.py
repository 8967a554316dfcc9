"""The way to ready: from start() entered in the parent to ready in the child, and what explains it."""

from pathlib import Path

import pytest

from mptrace.analysis.phases import StartUp, start_ups
from mptrace.trace.merge import load
from tests.journals import MS, RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """Return a run to be filled."""
    return RunFolder(tmp_path / "run")


def way_of(run: RunFolder, pid: int) -> StartUp:
    """Return the start-up of one process."""
    return next(way for way in start_ups(load([run.write()])) if way.process.pid == pid)


def test_way_begins_in_the_parent(run: RunFolder) -> None:
    """Time to ready counts from start() entered, and phases of both processes cover it."""
    run.process(100).starts("P", 10, 20, child_pid=101).phase("prepare", 10, 13).phase("exec", 13, 20)
    run.process(101, ppid=100, begin=15).phase("interpreter", 15, 30).phase("bootstrap", 30, 50).ready(50, "P")
    way = way_of(run, 101)
    assert way.time_to_ready_ns == 40 * MS
    assert [(phase.name, phase.side) for phase in way.phases] == [
        ("prepare", "parent"), ("exec", "parent"), ("interpreter", "child"), ("bootstrap", "child"),
    ]  # fmt: skip
    assert way.explained == 1.0


def test_gap_is_not_explained(run: RunFolder) -> None:
    """A time that no phase covers lowers the share; one that two phases cover counts once."""
    run.process(100).starts("P", 10, 20, child_pid=101).phase("exec", 10, 20)
    run.process(101, ppid=100, begin=15).phase("interpreter", 15, 30).ready(50, "P")
    assert way_of(run, 101).explained == 0.5


def test_what_happens_after_ready_does_not_count(run: RunFolder) -> None:
    """Phases explain the way to ready, no more."""
    run.process(100).starts("P", 10, 90, child_pid=101).phase("send", 10, 90)
    run.process(101, ppid=100, begin=15).ready(50, "P")
    assert way_of(run, 101).explained == 1.0


def test_phases_of_other_starts_belong_to_other_processes(run: RunFolder) -> None:
    """Of a parent's phases a child has those of its own start(), on the thread that called it."""
    (
        run.process(100)
        .starts("A", 10, 20, child_pid=101).phase("exec", 10, 20)
        .phase("exec", 12, 18, tid=7)
        .starts("B", 20, 30, child_pid=102).phase("exec", 20, 30)
    )  # fmt: skip
    run.process(101, ppid=100, begin=15).ready(40, "A")
    run.process(102, ppid=100, begin=25).ready(40, "B")
    assert [(phase.begin_ns, phase.end_ns) for phase in way_of(run, 101).phases] == [(10 * MS, 20 * MS)]
    assert [(phase.begin_ns, phase.end_ns) for phase in way_of(run, 102).phases] == [(20 * MS, 30 * MS)]


def test_what_a_child_does_as_a_parent_is_not_its_own_start_up(run: RunFolder) -> None:
    """The phases of a child's own start() calls are its children's."""
    run.process(100).starts("P", 10, 20, child_pid=101)
    run.process(101, ppid=100, begin=15).phase("bootstrap", 15, 30).ready(30, "P").phase("fork", 40, 45)
    assert [phase.name for phase in way_of(run, 101).phases] == ["bootstrap"]


def test_without_ready_nothing_is_explained(run: RunFolder) -> None:
    """A process that was never ready has no time to ready, and its phases are kept."""
    run.process(100).starts("P", 10, 20, child_pid=101)
    run.process(101, ppid=100, begin=15).phase("interpreter", 15, 30)
    way = way_of(run, 101)
    assert (way.time_to_ready_ns, way.explained, len(way.phases)) == (None, None, 1)


def test_root_that_says_it_is_ready_counts_from_its_own_beginning(run: RunFolder) -> None:
    """Where there was no start(), the way begins with the process."""
    run.process(100).phase("interpreter", 0, 20).ready(40, cause="api")
    way = way_of(run, 100)
    assert (way.time_to_ready_ns, way.explained) == (40 * MS, 0.5)


@pytest.mark.parametrize(("method", "last"), [("fork", "fork"), ("forkserver", "forkserver")])
def test_fork_is_over_when_the_child_runs(run: RunFolder, method: str, last: str) -> None:
    """The parent, or the server, may go on before the child gets a CPU: until then it is still being forked."""
    run.process(100).starts("P", 10, 20, child_pid=101, method=method).phase("prepare", 10, 13).phase(last, 13, 20)
    run.process(101, ppid=100, begin=25, origin="fork").phase("bootstrap", 25, 50).ready(50, "P")
    way = way_of(run, 101)
    assert [(phase.name, phase.end_ns) for phase in way.phases] == [
        ("prepare", 13 * MS), (last, 25 * MS), ("bootstrap", 50 * MS),
    ]  # fmt: skip
    assert way.explained == 1.0


def test_interpreter_that_slept_begins_with_its_exec(run: RunFolder) -> None:
    """A spawned child that was slow to be read from disk has no gap between its exec and its interpreter."""
    run.process(100).starts("P", 10, 20, child_pid=101).phase("exec", 10, 14).phase("send", 14, 20)
    run.process(101, ppid=100, begin=28).phase("interpreter", 28, 30).phase("bootstrap", 30, 50).ready(50, "P")
    way = way_of(run, 101)
    assert way.process.begin_ns == 14 * MS
    assert way.explained == 1.0
