"""Interpreters that are slow to start."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.findings.forked import ns
from tests.journals import Journal, RunFolder


def child(run: RunFolder, parent: Journal, pid: int, wall: float, queue: float = 0) -> None:
    """Start a child whose site takes so many milliseconds, all but ten of them for an agent that it imports."""
    begin = pid * 10
    journal = spawned(run, parent, pid, begin)
    journal.imports("sitecustomize", begin + 24, begin + 17 + wall, importer="site", line=600)
    journal.imports("agent", begin + 25, begin + 15 + wall, importer="sitecustomize", line=4)
    journal.imports("agent.core", begin + 26, begin + 30, importer="agent", line=1)
    journal.imports("app", begin + 20 + wall, begin + 90 + wall, importer="__mp_main__", line=1)
    journal.phase("site", begin + 20, begin + 20 + wall, run_queue_ns=ns(queue))


def test_what_it_imports_is_named(tmp_path: Path) -> None:
    """The outermost imports, in all children together."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    child(run, parent, 101, 70)
    child(run, parent, 102, 80)
    assert findings(run, "slow-site") == [
        Finding(
            rule="slow-site",
            title="site takes 75.0 ms in 2 processes",
            severity="warning",
            cost_ns=ns(150),
            pids=[101, 102],
            where=[Place("sitecustomize", 4)],
            evidence=["children with a slow site: 2 of 2", "what was imported there: agent (130.0 ms)"],
            remedy=(
                "Switch off in children what .pth files and sitecustomize load, or start one interpreter for all:\n"
                '    multiprocessing.set_start_method("forkserver")'
            ),
            taken=[Taken(101, ns(1030), ns(1100)), Taken(102, ns(1040), ns(1120))],
        )
    ]


def test_sitecustomize_that_works_itself_is_named(tmp_path: Path) -> None:
    """What little it imports is not, but another import is."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, begin in ((101, 1000), (102, 1200)):
        journal = spawned(run, parent, pid, begin)
        journal.phase("site", begin + 30, begin + 110, run_queue_ns=0)
        journal.imports("helper", begin + 50, begin + 60, importer="sitecustomize", line=4)
        journal.imports("sitecustomize", begin + 35, begin + 95, importer="site", line=607)
        journal.imports("coverage", begin + 95, begin + 105, importer="site", line=195)
    [finding] = findings(run, "slow-site")
    assert finding.where == [Place("sitecustomize", 0)]
    assert finding.evidence[1] == "what was imported there: sitecustomize (120.0 ms) and coverage (20.0 ms)"


def test_waiting_for_a_cpu_is_not_sites(tmp_path: Path) -> None:
    """Nor is what one child of three met."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    child(run, parent, 101, 90, queue=45)
    child(run, parent, 102, 90)
    child(run, parent, 103, 49)
    assert findings(run, "slow-site") == []


def test_main_process_is_started_once(tmp_path: Path) -> None:
    """Whoever runs the program waits for it, but no child does."""
    run = RunFolder(tmp_path)
    run.process(100).phase("site", 10, 200)
    assert findings(run, "slow-site") == []
