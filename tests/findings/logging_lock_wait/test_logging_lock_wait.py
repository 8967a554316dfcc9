"""Waits for logging's locks."""

from pathlib import Path
from typing import Any

import pytest

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.logging_lock_wait import REMEDY
from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.findings.forked import forked, ns
from tests.journals import RunFolder

LOCK: dict[str, Any] = {"lock": "Slow(stderr)", "holder": 7, "holder_name": "writer", "where": "/src/app.py:12"}


def test_waits_for_one_lock_are_one_finding(tmp_path: Path) -> None:
    """It is said who held it, where that took it, and whether a fork was held up."""
    run = RunFolder(tmp_path)
    parent = run.process(100).span("Slow(stderr)", 10, 40, "lock", **LOCK)
    parent.phase("before-fork-hooks", 49, 71).span("Slow(stderr)", 50, 70, "lock", **LOCK)
    assert findings(run, "logging-lock-wait") == [
        Finding(
            rule="logging-lock-wait",
            title="Threads waited 2 times for another to be done with the logging handler Slow(stderr)",
            severity="warning",
            cost_ns=ns(50),
            pids=[100],
            where=[Place("/src/app.py", 12)],
            evidence=["longest wait: 30.0 ms", "held by writer", "waits that held up a fork: 1"],
            remedy=REMEDY,
            taken=[Taken(100, ns(10), ns(40)), Taken(100, ns(50), ns(70))],
        )
    ]


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ("Slow()", "the logging handler Slow()"),
        ("logging module lock", "the logging module lock"),
        ("lock of a logging handler", "the lock of a logging handler"),
    ],
)
def test_what_was_waited_for_is_said_in_words(tmp_path: Path, lock: str, said: str) -> None:
    """Whoever does not know that handlers have locks knows what it is to wait for a thread."""
    run = RunFolder(tmp_path)
    run.process(100).span(lock, 10, 40, "lock", lock=lock)
    [finding] = findings(run, "logging-lock-wait")
    assert finding.title == f"A thread waited once for another to be done with {said}"


def test_short_waits_are_normal(tmp_path: Path) -> None:
    """However many there are."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for begin in range(10, 500, 10):
        parent.span("Slow(stderr)", begin, begin + 9.9, "lock", **LOCK)
    assert findings(run, "logging-lock-wait") == []


def test_stuck_child_is_another_rules(tmp_path: Path) -> None:
    """A forked child that never came to the end of its wait."""
    run = RunFolder(tmp_path)
    forked(run, run.process(100), 101, 10).span("Slow(stderr)", 20, None, "lock", **LOCK).instant("x", 9000)
    assert findings(run, "logging-lock-wait") == []


def test_import_locks_are_not_loggings(tmp_path: Path) -> None:
    """Threads that import the same module wait for one another, and no handler is to blame."""
    run = RunFolder(tmp_path)
    run.process(100).span("import lock json", 10, 90, "lock", lock="import lock json", holder=7)
    assert findings(run, "logging-lock-wait") == []
