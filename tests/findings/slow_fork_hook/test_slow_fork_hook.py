"""A handler that takes long at each fork."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.findings.forked import forked, ns
from tests.journals import Journal, RunFolder


def slow_child(run: RunFolder, parent: Journal, pid: int, begin: float, wall: float) -> None:
    """Fork a child in which app.connect runs for *wall* milliseconds."""
    child = forked(run, parent, pid, begin)
    child.span("app.connect", begin + 2, begin + 2 + wall, "fork-hook", side="child")


def test_handler_is_named_with_the_sides_it_runs_on(tmp_path: Path) -> None:
    """All its slow runs, in parent and children, are one finding."""
    run = RunFolder(tmp_path)
    parent = run.process(100).span("app.connect", 5, 12, "fork-hook", side="before")
    slow_child(run, parent, 101, 12, 8)
    slow_child(run, parent, 102, 52, 9)
    assert findings(run, "slow-fork-hook") == [
        Finding(
            rule="slow-fork-hook",
            title="app.connect, which runs at every fork, is slow",
            severity="warning",
            cost_ns=ns(24),
            pids=[100, 101, 102],
            where=[Place("/src/app.py", 50)],
            evidence=[
                "1 slow run before the fork, in the parent, the longest 7.0 ms",
                "2 slow runs in the child, the longest 9.0 ms",
            ],
            remedy="Let the handler only forget what is stale, and make it anew where it is used first",
            taken=[Taken(100, ns(5), ns(12)), Taken(101, ns(14), ns(22)), Taken(102, ns(54), ns(63))],
        )
    ]


def test_handler_that_is_slow_now_and_then_is_not(tmp_path: Path) -> None:
    """The machine was busy when one in three was."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, wall in ((101, 0.1), (102, 30), (103, 0.1)):
        slow_child(run, parent, pid, pid * 100, wall)
    assert findings(run, "slow-fork-hook") == []


def test_wait_for_a_lock_is_not_the_handlers(tmp_path: Path) -> None:
    """The lock of logging is taken in such a handler."""
    run = RunFolder(tmp_path)
    parent = run.process(100).span("logging._acquireLock", 10, 50, "fork-hook", side="before")
    parent.span("logging module lock", 10.1, 49.9, "lock")
    assert findings(run, "slow-fork-hook") == []
