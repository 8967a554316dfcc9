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
                "processes that called start() in the main module: 1, 1 time in all",
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


def test_manager_is_started_by_the_main_module_too(tmp_path: Path) -> None:
    """Its server is a child that runs the main module again, and never serves."""
    run = RunFolder(tmp_path)
    target = "multiprocessing.managers:BaseManager._run_server"
    run.process(100).starts("SyncManager-1", 10, 20, child_pid=101, target=target).ends(100)
    server = run.process(101, ppid=100, begin=12, argv=SPAWNED).phase("interpreter", 12, 20)
    server.starts("SyncManager-1:1", 40, None, where=("/src/app.py", 9)).ends(50)
    [finding] = findings(run, "unguarded-main")
    assert (finding.pids, finding.where, finding.cost_ns) == ([101], [Place("/src/app.py", 9)], 40 * MS)


def test_forkserver_that_imports_the_main_module_ends_with_it(tmp_path: Path) -> None:
    """From Python 3.14 on, where it is the default: the preload's failure is not told besides, it is the same cause."""
    run = RunFolder(tmp_path)
    run.process(100, argv=["python", "/src/app.py"]).starts("Process-1", 10, None, method="forkserver").ends(100)
    command = "import sys; from multiprocessing.forkserver import main; main(5, 6, ['__main__'], **{})"
    server = run.process(102, ppid=100, begin=20, argv=["python", "-c", command])
    server.span("preload __main__", 30, 45, "startup", error="RuntimeError: \n  An attempt has been made")
    server.starts("Process-1", 40, None, where=("/src/app.py", 9), method="forkserver").ends(60)
    [finding] = findings(run, "unguarded-main")
    assert (finding.severity, finding.pids, finding.where) == ("error", [102], [Place("/src/app.py", 9)])
    assert finding.taken == [Taken(102, 20 * MS, 40 * MS)]
    assert findings(run, "ineffective-preload") == []
