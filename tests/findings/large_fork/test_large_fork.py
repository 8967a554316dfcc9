"""A fork that takes long."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.large_fork import REMEDY
from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.findings.forked import forked, ns
from tests.journals import RunFolder


def test_page_tables_are_the_evidence(tmp_path: Path) -> None:
    """The forks of one parent are one finding; quick ones are none of it."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10)
    forked(run, parent, 102, 20, wall=12, resident_bytes=1 << 30, page_table_bytes=2 << 20)
    forked(run, parent, 103, 50, wall=20, resident_bytes=2 << 30, page_table_bytes=4 << 20)
    assert findings(run, "large-fork") == [
        Finding(
            rule="large-fork",
            title="app.py is large: 2 forks of it took 32.0 ms",
            severity="warning",
            cost_ns=ns(32),
            pids=[102, 103],
            where=[Place("/src/app.py", 50)],
            evidence=[
                "slow forks: 2, the longest 20.0 ms on a CPU",
                "page tables to copy: 4.0 MiB",
                "memory that they describe: 2.0 GiB",
            ],
            remedy=REMEDY,
            taken=[Taken(102, ns(21), ns(33)), Taken(103, ns(51), ns(71))],
        )
    ]


def test_fork_that_waited_for_a_cpu_is_not_large(tmp_path: Path) -> None:
    """Nor is one of a large process that is quick, thanks to huge pages."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10, wall=50, cpu=2)
    forked(run, parent, 102, 80, wall=3, resident_bytes=8 << 30)
    assert findings(run, "large-fork") == []
