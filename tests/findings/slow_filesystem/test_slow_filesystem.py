"""Imports that wait for files."""

from pathlib import Path

from mptrace.analysis.facts import Taken
from mptrace.analysis.findings.model import Finding
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.journals import MS, RunFolder


def reading(
    tmp_path: Path, read: float, *, cpu: float = 20, queue: float | None = 0, faults: int = 0, executed: float = 0
) -> RunFolder:
    """Tell of a child that imports a module, which is found and read in *read* milliseconds, half for either.

    It is executed for *executed* more. That is all of the main module, whose CPU time and waits are given.
    """
    run = RunFolder(tmp_path)
    parent = run.process(100)
    child = spawned(run, parent, 101, 10)
    child.phase("receive", 30, 500, run_queue_ns=0)
    over = 500 + read + executed
    child.imports("pandas", 500, over, load=500 + read / 2, executed=500 + read)
    waited = None if queue is None else round(queue * MS)
    child.phase("main-module", 500, over, cpu=cpu, run_queue_ns=waited, minor_faults=9, major_faults=faults).ready(over)
    parent.ends(5000)
    return run


def test_child_waits_for_files(tmp_path: Path) -> None:
    """It was not on a CPU, nor did it wait for one, while modules were found and read."""
    assert findings(reading(tmp_path, 200), "slow-filesystem") == [
        Finding(
            rule="slow-filesystem",
            title="1 child waited for the files of modules",
            severity="warning",
            cost_ns=200 * MS,
            pids=[101],
            where=[],
            evidence=[
                "looking for modules and reading them: 200.0 ms in each child",
                "share of the phases with imports that was no CPU work: 90%",
                "pandas was found and read in 200.0 ms at most",
            ],
            remedy="Put the Python environment on a disk of this machine, or import once in a fork server.",
            taken=[Taken(101, 500 * MS, 700 * MS)],
        )
    ]


def test_disk_that_was_read_may_be_read_once(tmp_path: Path) -> None:
    """Fifty page faults that waited for a disk are told, as a note: the next run may find all in memory."""
    [finding] = findings(reading(tmp_path, 40, cpu=40, faults=50), "slow-filesystem")
    assert finding.severity == "note"
    assert finding.evidence[1] == "page faults that read from a disk: 50"
    assert findings(reading(tmp_path / "fewer", 40, cpu=40, faults=49), "slow-filesystem") == []


def test_reading_that_is_work_is_no_waiting(tmp_path: Path) -> None:
    """More than half of it on a CPU."""
    assert findings(reading(tmp_path, 200, cpu=110), "slow-filesystem") == []


def test_waiting_for_a_cpu_is_no_waiting_for_files(tmp_path: Path) -> None:
    """On a busy machine."""
    assert findings(reading(tmp_path, 200, queue=120), "slow-filesystem") == []


def test_module_that_sleeps_is_no_file(tmp_path: Path) -> None:
    """Its file was found and read at once."""
    assert findings(reading(tmp_path, 10, executed=300), "slow-filesystem") == []


def test_kernel_that_does_not_say_proves_nothing(tmp_path: Path) -> None:
    """Without the waits for a CPU it may have been those."""
    assert findings(reading(tmp_path, 200, queue=None), "slow-filesystem") == []


def test_short_waits_are_not_worth_a_word(tmp_path: Path) -> None:
    """Below 100 ms."""
    assert findings(reading(tmp_path, 99, cpu=0), "slow-filesystem") == []
