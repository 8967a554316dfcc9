"""Extension modules that start threads in each child."""

from pathlib import Path

import pytest

from mptrace.analysis.facts import Place
from mptrace.analysis.findings.model import Finding
from mptrace.analysis.findings.native_thread_pools import REMEDY
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.journals import Journal, RunFolder

MODULE = "numpy.core._multiarray_umath"


def loading(run: RunFolder, parent: Journal, pid: int, threads: int) -> None:
    """Start a child whose main module imports numpy, which loads what starts *threads*."""
    begin = pid * 10
    child = spawned(run, parent, pid, begin)
    child.imports("numpy", begin + 30, begin + 60, importer="__mp_main__", line=3)
    child.imports(MODULE, begin + 40, begin + 50, importer="numpy.core", line=24, loader="ExtensionFileLoader")
    child.instant(MODULE, begin + 50, "extension", threads=threads, minor_faults=900, major_faults=0)


def test_threads_of_all_children_are_counted(tmp_path: Path) -> None:
    """The place is the import that the program itself made."""
    run = RunFolder(tmp_path, {"schema": 1, "id": "run", "cpus": 8, "affinity": 4})
    parent = run.process(100)
    for pid in (101, 102, 103):
        loading(run, parent, pid, 6)
    assert findings(run, "native-thread-pools") == [
        Finding(
            rule="native-thread-pools",
            title="numpy.core._multiarray_umath starts 18 threads in 3 processes",
            severity="warning",
            cost_ns=0,
            pids=[101, 102, 103],
            where=[Place("app.py", 3)],
            evidence=["threads that loading it started in one process: 6", "CPUs that the run could use: 4"],
            remedy=REMEDY,
        )
    ]


@pytest.mark.parametrize(("children", "threads"), [(2, 8), (1, 100), (3, 0)])
def test_few_threads_are_fine(children: int, threads: int, tmp_path: Path) -> None:
    """Four for each CPU, or any number in one process."""
    run = RunFolder(tmp_path, {"schema": 1, "id": "run", "cpus": 4})
    parent = run.process(100)
    for number in range(children):
        loading(run, parent, 101 + number, threads)
    assert findings(run, "native-thread-pools") == []


def test_unknown_cpus_prove_nothing(tmp_path: Path) -> None:
    """run.json was lost."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid in (101, 102, 103):
        loading(run, parent, pid, 60)
    assert findings(run, "native-thread-pools") == []
