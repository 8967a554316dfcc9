"""A fork of a process that has other threads."""

from pathlib import Path

from mptrace.analysis.facts import Place
from mptrace.analysis.findings.fork_with_threads import CONTEXT, OS_REMEDY, REMEDY, SERVER_REMEDY
from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.findings.forked import forked, os_forked
from tests.journals import RunFolder

SERVER = ("python", "-c", "from multiprocessing.forkserver import main; main(5, 6, ['numpy'], **{})")


def test_threads_are_named(tmp_path: Path) -> None:
    """Those of Python by name, native ones by number; the forks of one parent are one finding."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10, threads=2, python_threads=2, others=["poller"])
    forked(run, parent, 102, 20, threads=5, python_threads=3, others=["poller", "Thread-2 (serve)"])
    assert findings(run, "fork-with-threads") == [
        Finding(
            rule="fork-with-threads",
            title="app.py was forked while 4 other threads ran in it",
            severity="warning",
            cost_ns=0,
            pids=[101, 102],
            where=[Place("/src/app.py", 50)],
            evidence=[
                "forks with other threads: 2",
                "threads of Python: poller and Thread-2 (serve)",
                "native threads, which libraries started: 2",
            ],
            remedy=f"{REMEDY}{CONTEXT}.Process(target=work)",
        )
    ]


def test_native_threads_alone_are_enough(tmp_path: Path) -> None:
    """Python knows of none of them; os.fork() is a fork as any other."""
    run = RunFolder(tmp_path)
    os_forked(run, run.process(100), 101, 10, threads=2)
    [finding] = findings(run, "fork-with-threads")
    assert (finding.pids, finding.where, finding.remedy) == ([101], [Place("/src/app.py", 50)], OS_REMEDY)
    assert finding.evidence == ["forks with other threads: 1", "native threads, which libraries started: 1"]


def test_forkserver_with_threads_has_a_remedy_of_its_own(tmp_path: Path) -> None:
    """It has them from a module that it preloaded."""
    run = RunFolder(tmp_path)
    run.process(100)
    server = run.process(102, ppid=100, argv=SERVER)
    server.phase("fork", 10, 11, args={"threads": 3, "python_threads": 1})
    [finding] = findings(run, "fork-with-threads")
    assert (finding.pids, finding.where, finding.remedy) == ([102], [], SERVER_REMEDY)


def test_remedy_is_for_each_of_those_that_forked(tmp_path: Path) -> None:
    """A pool, an executor and a manager are made by the program, their processes are not."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    targets = (
        "multiprocessing.managers:BaseManager._run_server",
        "multiprocessing.pool:worker",
        "concurrent.futures.process:_process_worker",
    )
    for number, target in enumerate(targets):
        forked(run, parent, 101 + number, 10 + 10 * number, threads=2, start={"target": target})
    os_forked(run, parent, 104, 50, threads=2)
    [finding] = findings(run, "fork-with-threads")
    assert finding.remedy.splitlines() == [
        *REMEDY.strip().splitlines(),
        f"    {CONTEXT}.Pool()",
        f"    ProcessPoolExecutor(mp_context={CONTEXT})",
        f"    {CONTEXT}.Manager()",
        *OS_REMEDY.splitlines(),
    ]


def test_fork_of_the_only_thread_is_fine(tmp_path: Path) -> None:
    """Neither is one about whose parent nothing is known an accusation."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10)
    parent.phase("fork", 20, 21)
    assert findings(run, "fork-with-threads") == []


def test_fork_that_executes_a_program_is_fine(tmp_path: Path) -> None:
    """That of subprocess with a preexec_fn, and one that went on by os.execv()."""
    run = RunFolder(tmp_path)
    parent = run.process(100).program(["git", "status"], 5, 15, child_pid=101)
    parent.phase("fork", 8, 9, args={"threads": 3, "python_threads": 3})
    os_forked(run, parent, 102, 20, threads=3).executes(["git", "log"], 23)
    assert findings(run, "fork-with-threads") == []
