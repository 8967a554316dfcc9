"""A main module that starts processes when a child runs it again."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.journals import MS, Journal, RunFolder

SPAWNED = ("python", "-c", "from multiprocessing.spawn import spawn_main", "--multiprocessing-fork")


def child(run: RunFolder) -> Journal:
    """Tell of a spawned child that gets as far as its main module."""
    run.process(100).starts("Process-1", 10, 20, child_pid=101).ends(100)
    child = run.process(101, ppid=100, begin=12, argv=SPAWNED)
    return child.phase("interpreter", 12, 20).phase("receive", 20, 30)


def test_start_in_the_main_module_is_an_error(tmp_path: Path) -> None:
    """Refused by multiprocessing: the child ends in the middle of its main module."""
    run = RunFolder(tmp_path)
    main = child(run).span("app.py:9 worker.start()", 35, 45, "statement", file="/src/app.py", line=9)
    main.starts("Process-1:1", 40, 44).ends(50)
    assert findings(run, "unguarded-main") == [
        Finding(
            rule="unguarded-main",
            title="app.py starts processes when it is imported",
            severity="error",
            cost_ns=40 * MS,
            pids=[101],
            where=[Place("/src/app.py", 9)],
            evidence=[
                "children that called start() in the main module: 1, 1 time in all",
                "what they tried to start: Process-1:1",
                "never ready: 1 of them",
            ],
            remedy='Put what starts processes under the guard:\n    if __name__ == "__main__":\n        main()',
            taken=[Taken(101, 10 * MS, 50 * MS)],
        )
    ]


def test_start_by_a_ready_child_is_its_choice(tmp_path: Path) -> None:
    """Children may have children."""
    run = RunFolder(tmp_path)
    child(run).phase("main-module", 30, 40).ready(45).starts("Process-1:1", 50, 60).ends(80)
    assert findings(run, "unguarded-main") == []


def test_start_by_unpickling_is_not_the_main_modules(tmp_path: Path) -> None:
    """What starts a process between the main module and ready stands elsewhere."""
    run = RunFolder(tmp_path)
    child(run).phase("main-module", 30, 40).phase("unpickle", 40, 60).starts("SyncManager-1", 45, 55).ready(70)
    assert findings(run, "unguarded-main") == []


def test_program_is_no_process_of_the_main_module(tmp_path: Path) -> None:
    """The resource tracker, or git, may be started at any time."""
    run = RunFolder(tmp_path)
    child(run).program(["git", "status"], 35, 40, child_pid=102).phase("main-module", 30, 40).ready(45)
    assert findings(run, "unguarded-main") == []
