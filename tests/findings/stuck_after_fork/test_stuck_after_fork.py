"""A forked child that waits for ever."""

from pathlib import Path
from typing import Any

import pytest

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
from mptrace.analysis.findings.stuck_after_fork import REMEDY
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.findings.forked import forked, ns
from tests.journals import RunFolder

LOCK: dict[str, Any] = {
    "lock": "StreamHandler(stderr)",
    "holder": 7,
    "holder_name": "poller",
    "where": "/src/poll.py:12",
}


def test_lock_and_holder_are_named(tmp_path: Path) -> None:
    """The wait lasted until somebody lost patience."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10).span("StreamHandler(stderr)", 20, None, "lock", **LOCK)
    parent.child_ended(6020, 101, -9)
    assert findings(run, "stuck-after-fork") == [
        Finding(
            rule="stuck-after-fork",
            title="Process-101 is stuck: it waits for the StreamHandler(stderr)",
            severity="error",
            cost_ns=ns(6000),
            pids=[101],
            where=[Place("/src/poll.py", 12), Place("/src/app.py", 50)],
            evidence=[
                "made no progress until its end: 6,000 ms",
                "the lock was held by poller (7) at /src/poll.py:12",
                "then it was killed by signal 9",
            ],
            remedy=REMEDY,
            taken=[Taken(101, ns(20), ns(6020))],
        )
    ]


def test_children_that_wait_for_the_same_lock_are_reported_together(tmp_path: Path) -> None:
    """Dozens of them would leave no room for anything else; those of another lock are another finding."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, lock, ended in ((101, LOCK, 6020), (102, LOCK, 7020), (103, LOCK | {"lock": "module lock"}, 8020)):
        forked(run, parent, pid, 10).span(lock["lock"], 20, None, "lock", **lock)
        parent.child_ended(ended, pid, -9)
    other, finding = findings(run, "stuck-after-fork")
    assert (other.title, other.pids) == ("Process-103 is stuck: it waits for the module lock", [103])
    assert finding.title == "2 children are stuck: they wait for the StreamHandler(stderr)"
    assert (finding.pids, finding.cost_ns) == ([102, 101], ns(13000))
    assert finding.where == [Place("/src/poll.py", 12), Place("/src/app.py", 50)]
    assert finding.evidence == [
        "they are Process-102 and Process-101",
        "made no progress until their end: 7,000 ms at most",
        "the lock was held by poller (7) at /src/poll.py:12",
        "then they were killed by signal 9",
    ]


def test_children_that_wait_for_things_unknown_are_told_apart(tmp_path: Path) -> None:
    """By where they are."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, frame in ((101, "numpy.py:9 dot"), (102, "grpc.py:3 poll"), (103, "numpy.py:9 dot")):
        forked(run, parent, pid, 10).stacks(20, 5020, (pid, "MainThread", [frame]))
        parent.child_ended(7020, pid, -9)
    titles = [finding.title for finding in findings(run, "stuck-after-fork")]
    assert titles == ["2 children are stuck", "Process-102 is stuck"]


@pytest.mark.parametrize(("killed", "count"), [(519, 0), (520, 1)])
def test_child_that_died_waiting_was_stuck(killed: float, count: int, tmp_path: Path) -> None:
    """Unless it had only begun to wait: pools kill their workers anywhere."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10).span("lock", 20, None, "lock")
    parent.child_ended(killed, 101, -15)
    assert len(findings(run, "stuck-after-fork")) == count


@pytest.mark.parametrize(("seen", "count"), [(5019, 0), (5020, 1)])
def test_child_that_still_waits_is_stuck_after_five_seconds(seen: float, count: int, tmp_path: Path) -> None:
    """Nobody knows its end; it said now and then that it waited."""
    run = RunFolder(tmp_path)
    forked(run, run.process(100), 101, 10).span("lock", 20, None, "lock").instant("still waiting", seen, "lock")
    assert len(findings(run, "stuck-after-fork")) == count


def test_wait_that_ended_is_no_deadlock(tmp_path: Path) -> None:
    """However long it was; and a child that came to its own end was not stuck."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10).span("lock", 20, 9000, "lock").ends(9010)
    forked(run, parent, 102, 30).span("lock", 40, None, "lock").ends(9010, 0)
    assert findings(run, "stuck-after-fork") == []


def test_lock_inside_a_stream_is_known_by_the_stacks(tmp_path: Path) -> None:
    """Where the child is, is part of the evidence; the place is where it was started."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    child = forked(run, parent, 101, 10)
    child.stacks(20, 5020, (101, "MainThread", ["logging.py:9 flush", "app.py:7 work"]), cause="stream of X(err)")
    parent.child_ended(7020, 101, -9)
    [finding] = findings(run, "stuck-after-fork")
    assert (finding.severity, finding.title) == ("error", "Process-101 is stuck: it waits for the stream of X(err)")
    assert (finding.cost_ns, finding.where) == (ns(7000), [Place("/src/app.py", 50)])
    assert finding.evidence[1:3] == ["it is in logging.py:9 flush", "it is in app.py:7 work"]


def test_child_that_waits_for_something_unknown_is_a_warning(tmp_path: Path) -> None:
    """A native lock, say: nobody can tell it from slowness."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10).stacks(20, 5020, (101, "MainThread", ["numpy.py:9 dot"]))
    parent.child_ended(7020, 101, -9)
    [finding] = findings(run, "stuck-after-fork")
    assert (finding.severity, finding.title) == ("warning", "Process-101 is stuck")


def test_spawned_child_is_not_stuck_after_a_fork(tmp_path: Path) -> None:
    """It has no lock from its parent."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    spawned(run, parent, 101, 10).span("lock", 40, None, "lock")
    parent.child_ended(8000, 101, -9)
    assert findings(run, "stuck-after-fork") == []
