"""A forked child that waits for ever."""

from pathlib import Path
from typing import Any

import pytest

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
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
            title="Process-101 is stuck: it waits for StreamHandler(stderr)",
            severity="error",
            cost_ns=ns(6000),
            pids=[101],
            where=[Place("/src/poll.py", 12), Place("/src/app.py", 50)],
            evidence=["waited until its end: 6,000 ms", "held by poller", "then it was killed by signal 9"],
            remedy="Start processes before threads, or do not fork:\n"
            '    multiprocessing.set_start_method("forkserver")',
            taken=[Taken(101, ns(20), ns(6020))],
        )
    ]


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


def test_spawned_child_is_not_stuck_after_a_fork(tmp_path: Path) -> None:
    """It has no lock from its parent."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    spawned(run, parent, 101, 10).span("lock", 40, None, "lock")
    parent.child_ended(8000, 101, -9)
    assert findings(run, "stuck-after-fork") == []
