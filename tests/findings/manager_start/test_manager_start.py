"""Servers of Managers on the way, and calls of their proxies."""

from pathlib import Path

import pytest

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.manager_start import CODE, REMEDY
from mptrace.analysis.findings.model import Finding
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.findings.forked import forked, ns
from tests.journals import Journal, RunFolder

SERVER = {"method": "fork", "target": "multiprocessing.managers:BaseManager._run_server"}


def starts_server(run: RunFolder, parent: Journal, pid: int, begin: float, end: float) -> None:
    """Start the server of a Manager."""
    forked(run, parent, pid, begin, start=SERVER)
    parent.span("start server", begin, end, "manager", manager="SyncManager", child_pid=pid)


def test_start_of_a_server_is_a_note(tmp_path: Path) -> None:
    """The program may need it."""
    run = RunFolder(tmp_path)
    starts_server(run, run.process(100), 101, 10, 47)
    assert findings(run, "manager-start") == [
        Finding(
            rule="manager-start",
            title="app.py waits 37.0 ms for 1 server of Managers",
            severity="note",
            cost_ns=ns(37),
            pids=[100],
            where=[Place("/src/app.py", 50)],
            evidence=["kinds of manager: SyncManager"],
            remedy=REMEDY + CODE,
            taken=[Taken(100, ns(10), ns(47))],
        )
    ]


def test_server_that_a_child_starts_on_its_way_is_a_warning(tmp_path: Path) -> None:
    """Each child has one of its own, made as its main module is run again."""
    run = RunFolder(tmp_path)
    child = spawned(run, run.process(100), 101, 10).phase("main-module", 40, 90)
    starts_server(run, child, 102, 45, 80)
    child.ready(95)
    [finding] = findings(run, "manager-start")
    assert (finding.severity, finding.pids, finding.cost_ns) == ("warning", [101], ns(35))


def test_calls_that_take_a_tenth_of_a_life_are_a_warning(tmp_path: Path) -> None:
    """As last counted; a worker's calls lead to the Manager of its parent."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    starts_server(run, parent, 101, 10, 15)
    worker = forked(run, parent, 102, 20)  # it begins at 22
    worker.counter("proxy calls", 60, calls=900, waited_ns=ns(20)).counter(
        "proxy calls", 90, calls=1500, waited_ns=ns(40)
    )
    worker.ends(122)
    assert findings(run, "manager-start") == [
        Finding(
            rule="manager-start",
            title="Process-102 waits for the answers of Managers 40% of its life",
            severity="warning",
            cost_ns=ns(40),
            pids=[102],
            where=[Place("/src/app.py", 50)],
            evidence=["calls of shared objects: 1,500, which took 40.0 ms"],
            remedy=REMEDY + CODE,
        )
    ]


def test_callers_of_the_same_manager_are_reported_together(tmp_path: Path) -> None:
    """A dictionary that all workers share is one cause."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    starts_server(run, parent, 101, 10, 15)
    for pid, waited in ((102, 20), (103, 40)):  # they begin at 22
        forked(run, parent, pid, 20).counter("proxy calls", 90, calls=700, waited_ns=ns(waited)).ends(122)
    [finding] = findings(run, "manager-start")
    assert finding.title == "2 processes wait for the answers of Managers 30% of their lives"
    assert (finding.cost_ns, finding.pids, finding.where) == (ns(60), [103, 102], [Place("/src/app.py", 50)])
    assert finding.evidence == [
        "calls of shared objects: 1,400, which took 60.0 ms",
        "the one that waited longest: Process-103, 40.0 ms",
    ]


@pytest.mark.parametrize(("end", "waited"), [(19.9, 9.9), (19.9, 99)])
def test_little_is_not_reported(end: float, waited: float, tmp_path: Path) -> None:
    """A quick start; less than ten milliseconds, or than a tenth of a second's life, of calls."""
    run = RunFolder(tmp_path)
    parent = run.process(100).counter("proxy calls", 90, calls=100, waited_ns=ns(waited))
    starts_server(run, parent, 101, 10, end)
    parent.ends(50 if waited < 10 else 1000)
    assert findings(run, "manager-start") == []
