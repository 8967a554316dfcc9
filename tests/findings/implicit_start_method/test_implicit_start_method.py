"""A start method that nobody chose."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.findings.forked import forked, ns
from tests.journals import Journal, RunFolder

REMEDY = 'Say which method is meant:\n    multiprocessing.set_start_method("forkserver")'
IMPLICIT = {"is_chosen": False}


def spawned_implicitly(run: RunFolder, parent: Journal, pid: int, begin: float, wall: float) -> None:
    """Start a child by spawn as the default, whose main module takes so many milliseconds."""
    child = spawned(run, parent, pid, begin, is_chosen=False)
    child.phase("main-module", begin + 30, begin + 30 + wall, run_queue_ns=0).ready(begin + 40 + wall)


def test_default_fork_with_threads_matters(tmp_path: Path) -> None:
    """It is what the default was changed for."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10, start=IMPLICIT)
    forked(run, parent, 102, 20, start=IMPLICIT, threads=3)
    assert findings(run, "implicit-start-method") == [
        Finding(
            rule="implicit-start-method",
            title="Start method fork was not chosen, and it matters here",
            severity="note",
            cost_ns=0,
            pids=[101, 102],
            where=[Place("/src/app.py", 50)],
            evidence=[
                "processes started by the default method, fork: 2",
                "threads in the parent when it was forked: 3",
            ],
            remedy=REMEDY,
            taken=[],
        )
    ]


def test_default_that_runs_a_slow_main_module_again_matters(tmp_path: Path) -> None:
    """On another Python the program would not do that."""
    run = RunFolder(tmp_path)
    spawned_implicitly(run, run.process(100), 101, 10, 50)
    [finding] = findings(run, "implicit-start-method")
    assert (finding.cost_ns, finding.taken) == (ns(50), [Taken(101, ns(40), ns(90))])
    assert finding.evidence[1] == "their running the main module again took 50.0 ms"


def test_choice_is_respected(tmp_path: Path) -> None:
    """Whatever comes of it is other rules' to say."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10, threads=3)
    assert findings(run, "implicit-start-method") == []


def test_default_that_makes_no_difference_is_fine(tmp_path: Path) -> None:
    """A fork of the only thread; a main module of definitions."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10, start=IMPLICIT)
    spawned_implicitly(run, parent, 102, 30, 5)
    assert findings(run, "implicit-start-method") == []
