"""Copies of the parent's memory."""

from pathlib import Path

import pytest

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.copy_on_write import FREEZE, LEAST_BYTES, PAGE_BYTES, REMEDIES
from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.findings.forked import forked, ns, os_forked
from tests.journals import RunFolder, used

PARENT_BYTES = 400 << 20
TENTH_PAGES = PARENT_BYTES // 10 // PAGE_BYTES
MIB = 1 << 20


def test_collector_is_the_cause(tmp_path: Path) -> None:
    """Its page faults are copies; the children of one parent are one finding."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10, resident_bytes=PARENT_BYTES).collects(20, 60, faults=TENTH_PAGES)
    second = forked(run, parent, 102, 20, resident_bytes=PARENT_BYTES)
    second.collects(30, 80, faults=TENTH_PAGES).collects(80, 130, faults=TENTH_PAGES)
    second.collects(130, 131, 0)
    assert findings(run, "copy-on-write") == [
        Finding(
            rule="copy-on-write",
            title="Garbage collection copies 20% of the memory of app.py",
            severity="warning",
            cost_ns=ns(140),
            pids=[101, 102],
            where=[Place("/src/app.py", 50)],
            evidence=[
                "children: 2, of which Process-102 copied 80.0 MiB",
                "memory of the parent at the fork: 400.0 MiB",
                "time in those collections: 140.0 ms",
            ],
            remedy=FREEZE,
            taken=[Taken(101, ns(20), ns(60)), Taken(102, ns(30), ns(80)), Taken(102, ns(80), ns(130))],
        )
    ]


def test_copies_are_what_was_shared_and_is_private(tmp_path: Path) -> None:
    """Where memory was read; what is private and new was never shared."""
    run = RunFolder(tmp_path)
    child = os_forked(run, run.process(100), 101, 10, resident_bytes=PARENT_BYTES)
    child.counter("memory", 12, rss=400 * MIB, private=5 * MIB, shared=390 * MIB)
    child.counter("memory", 90, rss=900 * MIB, private=600 * MIB, shared=290 * MIB)
    [finding] = findings(run, "copy-on-write")
    assert (finding.severity, finding.cost_ns, finding.taken) == ("warning", 0, [])
    assert finding.title == "Children copy 25% of the memory of app.py"
    assert finding.evidence[0] == "children: 1, of which app.py copied 100.0 MiB"


def test_page_faults_alone_are_a_note(tmp_path: Path) -> None:
    """New memory causes them too; the remedy is to look closer."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    parent.phase("fork", 10, 11, args={"resident_bytes": PARENT_BYTES})
    child = run.process(101, ppid=100, origin="fork", begin=11, forked=10, used=used(0, 0, 100))
    child.ready(20, used=used(1, 0, 100 + 2 * TENTH_PAGES))
    [finding] = findings(run, "copy-on-write")
    assert (finding.severity, finding.cost_ns, finding.remedy) == ("note", 0, REMEDIES["faults"])
    assert finding.title == "Children touch 20% of the memory of app.py, or as much of their own"


@pytest.mark.parametrize(("resident", "touched"), [(100 * MIB, 101 * MIB), (100 * MIB, 63 * MIB)])
def test_own_memory_of_a_task_is_no_note(resident: int, touched: int, tmp_path: Path) -> None:
    """More than the parent had cannot be copies, and little need not be."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    parent.phase("fork", 10, 11, args={"resident_bytes": resident})
    child = run.process(101, ppid=100, origin="fork", begin=11, forked=10, used=used(0, 0, 0))
    child.ready(20, used=used(1, 0, touched // PAGE_BYTES))
    assert findings(run, "copy-on-write") == []


def test_faults_are_no_note_where_copies_are_known(tmp_path: Path) -> None:
    """They were new memory."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    parent.phase("fork", 10, 11, args={"resident_bytes": PARENT_BYTES})
    child = run.process(101, ppid=100, origin="fork", begin=11, forked=10, used=used(0, 0, 100))
    child.counter("memory", 12, rss=400 * MIB, private=5 * MIB, shared=390 * MIB)
    child.counter("memory", 19, rss=900 * MIB, private=600 * MIB, shared=389 * MIB)
    child.ready(20, used=used(1, 0, 100 + 2 * TENTH_PAGES))
    assert findings(run, "copy-on-write") == []


@pytest.mark.parametrize(
    ("resident", "faults", "begin"),
    [
        (PARENT_BYTES, TENTH_PAGES - 1, 20),
        (20 * MIB, LEAST_BYTES // PAGE_BYTES - 1, 20),
        (PARENT_BYTES, TENTH_PAGES, 5016),
        (0, TENTH_PAGES, 20),
    ],
)
def test_near_misses(resident: int, faults: int, begin: float, tmp_path: Path) -> None:
    """Less than a tenth; a small parent; five seconds after ready, and one more; a parent of unknown size."""
    run = RunFolder(tmp_path)
    child = forked(run, run.process(100), 101, 10, resident_bytes=resident)  # it is ready at 15
    child.collects(begin, begin + 50, faults=faults)
    assert findings(run, "copy-on-write") == []
