"""Workers whose first task imports."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding, Prediction
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.journals import MS, Journal, RunFolder, used


def worker(run: RunFolder, parent: Journal, pid: int, wall: float, *, method: str = "fork", late: float = 0) -> None:
    """Tell of a worker, ready at 100 ms, whose first task, from 110 to 310 ms, imports pandas for so long."""
    child = spawned(run, parent, pid, 10, method=method, target="multiprocessing.pool:worker")
    child.ready(100, cause="initializer").span("first task", 110, 310, "pool")
    child.imports("pandas", 120 + late, 120 + late + wall, importer="tasks", line=8).ends(900)


def pool(tmp_path: Path, *walls: float, method: str = "fork", late: float = 0) -> RunFolder:
    """Tell of a pool of such workers."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number, wall in enumerate(walls):
        worker(run, parent, 101 + number, wall, method=method, late=late)
    parent.ends(1000)
    return run


def test_import_in_the_first_task(tmp_path: Path) -> None:
    """Of each worker, which were forked from a parent that could have imported it for all."""
    assert findings(pool(tmp_path, 60, 80), "late-import") == [
        Finding(
            rule="late-import",
            title="pandas is imported by the first task of 2 workers",
            severity="warning",
            cost_ns=140 * MS,
            pids=[101, 102],
            where=[Place("tasks", 8)],
            evidence=["pandas: 140.0 ms in all workers together, imported at tasks, line 8"],
            remedy="Import it in the parent, before the workers are forked:\n    import pandas",
            taken=[Taken(101, 120 * MS, 180 * MS), Taken(102, 120 * MS, 200 * MS)],
            predicted=Prediction(140 * MS, "imports in the parent"),
        )
    ]


def test_spawned_workers_have_an_initializer(tmp_path: Path) -> None:
    """Nothing less is imported by it, so that nothing is predicted."""
    [finding] = findings(pool(tmp_path, 60, method="spawn"), "late-import")
    assert finding.remedy == "Import it in the initializer:\n    def prepare():\n        import pandas"
    assert finding.predicted is None


def test_short_imports_are_nothing(tmp_path: Path) -> None:
    """Below 50 ms."""
    assert findings(pool(tmp_path, 49, 49), "late-import") == []


def children(tmp_path: Path, method: str, *modules: str, importer: str = "multiprocessing.queues") -> list[Finding]:
    """Return what is found where children without a pool, ready at 60 ms, import a module each, 100 ms later."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, module in enumerate(modules, 101):
        child = spawned(run, parent, pid, 10, method=method).ready(60)
        child.imports(module, 160, 220, importer=importer, line=122).ends(900)
    parent.ends(1000)
    return findings(run, "late-import")


def test_children_without_a_pool_repeat_imports(tmp_path: Path) -> None:
    """Such as loky's, which unpickle tasks: nobody knows which is the first, so it is a note."""
    assert children(tmp_path, "loky", "sklearn", "sklearn", "other") == [
        Finding(
            rule="late-import",
            title="sklearn is imported by each of 2 children after it was ready",
            severity="note",
            cost_ns=120 * MS,
            pids=[101, 102],
            where=[Place("/src/app.py", 50)],
            evidence=["sklearn: 120.0 ms in all workers together, imported in the unpickling of the task"],
            remedy="Keep these processes for later tasks, or start fewer: each imports what its first task needs.",
            taken=[Taken(101, 160 * MS, 220 * MS), Taken(102, 160 * MS, 220 * MS)],
        )
    ]


def test_remedy_without_a_pool_is_a_server(tmp_path: Path) -> None:
    """For children that multiprocessing spawned; the line that imports is named."""
    [finding] = children(tmp_path, "spawn", "pandas", "pandas", importer="workers")
    assert finding.where == [Place("workers", 122)]
    assert finding.remedy == (
        "Let a server import it that the children are forked from:\n"
        '    context = multiprocessing.get_context("forkserver")\n'
        '    context.set_forkserver_preload(["pandas"])'
    )


def test_what_one_child_imports_only_it_may_need(tmp_path: Path) -> None:
    """No other could have shared it."""
    assert children(tmp_path, "spawn", "pandas", "numpy") == []


def test_waiting_for_a_cpu_is_not_importing(tmp_path: Path) -> None:
    """A worker that waited for half of its working life did so while it imported, too."""
    for name, waited in (("busy", 400), ("idle", 80)):
        run = RunFolder(tmp_path / name)
        child = spawned(run, run.process(100), 101, 10, target="multiprocessing.pool:worker")
        child.ready(100, cause="initializer", used=used(10, 5, 0)).span("first task", 110, 310, "pool")
        child.imports("pandas", 120, 190, importer="tasks", line=8).ends(900, used=used(300, 5 + waited, 0))
        assert len(findings(run, "late-import")) == (name == "idle")


def test_later_tasks_are_the_programs_own(tmp_path: Path) -> None:
    """What the second task imports, perhaps only it needs."""
    assert findings(pool(tmp_path, 60, 60, late=200), "late-import") == []
