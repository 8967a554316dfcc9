"""Modules that each child imports again."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding, Prediction
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.journals import MS, RunFolder


def importing(tmp_path: Path, *walls: float, queue: float = 0, module: str = "pandas") -> RunFolder:
    """Tell of spawned children that import pandas, and with it numpy, for so many milliseconds, and a module of 1 ms.

    In the phase of these imports they wait for a CPU for *queue*; it takes 100 ms more.
    """
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number, wall in enumerate(walls):
        begin = 10 + 1000 * number
        child = spawned(run, parent, 101 + number, begin)
        child.imports("multiprocessing.spawn", begin + 20, begin + 28, importer="<string>")
        child.phase("bootstrap-import", begin + 20, begin + 30, run_queue_ns=0)
        child.imports("numpy", begin + 40, begin + 45, importer="pandas", line=7)
        child.imports(module.format(number), begin + 30, begin + 30 + wall, importer="__mp_main__", line=3)
        child.imports("tiny", begin + 130 + wall, begin + 131 + wall, importer="__mp_main__", line=4)
        child.phase("main-module", begin + 30, begin + 131 + wall, run_queue_ns=round(queue * MS))
        child.ready(begin + 131 + wall).ends(begin + 900)
    parent.ends(5000)
    return run


def test_import_that_pulls_in_the_rest_is_named(tmp_path: Path) -> None:
    """With its line; what it imports in turn counts once, multiprocessing's own imports do not."""
    assert findings(importing(tmp_path, 200, 300), "repeated-import") == [
        Finding(
            rule="repeated-import",
            title="pandas is imported again by each of 2 children",
            severity="warning",
            cost_ns=502 * MS,
            pids=[101, 102],
            where=[Place("app.py", 3)],
            evidence=[
                "share of the time to ready of 2 children: 66%",
                "pandas: 250.0 ms in each, asked for by app.py, line 3",
            ],
            remedy=(
                "Import it once, in a server that the children are forked from:\n"
                '    context = multiprocessing.get_context("forkserver")\n'
                '    context.set_forkserver_preload(["pandas"])'
            ),
            taken=[
                Taken(101, 40 * MS, 240 * MS),
                Taken(101, 340 * MS, 341 * MS),
                Taken(102, 1040 * MS, 1340 * MS),
                Taken(102, 1440 * MS, 1441 * MS),
            ],
            predicted=Prediction(201 * MS, "one import for all of them"),
        )
    ]


def test_short_imports_are_not_worth_a_word(tmp_path: Path) -> None:
    """Below 100 ms in each child."""
    assert findings(importing(tmp_path, 95, 95, 95), "repeated-import") == []


def test_one_child_repeats_nothing(tmp_path: Path) -> None:
    """It takes two."""
    assert findings(importing(tmp_path, 300), "repeated-import") == []


def test_children_that_import_different_things_repeat_nothing(tmp_path: Path) -> None:
    """But for the small module that all of them import."""
    assert findings(importing(tmp_path, 300, 300, module="pandas{}"), "repeated-import") == []


def test_small_share_is_not_what_makes_it_long(tmp_path: Path) -> None:
    """Below 30 % of the way to ready; here the main module does something else for long."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, begin in ((101, 10), (102, 1010)):
        child = spawned(run, parent, pid, begin).imports("pandas", begin + 30, begin + 230)
        child.phase("main-module", begin + 30, begin + 700, run_queue_ns=0).ready(begin + 700)
    assert findings(run, "repeated-import") == []


def test_waiting_for_a_cpu_is_not_importing(tmp_path: Path) -> None:
    """Three quarters of the phase were spent in the run queue, so the imports are not what took so long."""
    assert findings(importing(tmp_path, 200, 200, queue=225), "repeated-import") == []
    assert len(findings(importing(tmp_path / "idle", 200, 200, queue=50), "repeated-import")) == 1


def test_one_slow_child_in_three_is_an_accident(tmp_path: Path) -> None:
    """The same imports took much less elsewhere."""
    assert findings(importing(tmp_path, 300, 20, 20), "repeated-import") == []


def test_forked_children_should_find_it_imported(tmp_path: Path) -> None:
    """Their parent could have imported it, and nothing needs a server."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, begin in ((101, 10), (102, 1010)):
        parent.starts(f"Process-{pid}", begin, begin + 2, child_pid=pid, method="fork")
        child = run.process(pid, ppid=100, begin=begin + 1, origin="fork", forked=begin + 1)
        child.imports("pandas", begin + 2, begin + 202, importer="workers", line=8).phase(
            "initializer", begin + 2, begin + 210
        )
        child.ready(begin + 210)
    [finding] = findings(run, "repeated-import")
    assert finding.where == [Place("workers", 8)]
    assert finding.remedy == "Import it in the parent, before the children are forked."


def test_module_of_the_target_is_imported_in_unpickling(tmp_path: Path) -> None:
    """No line of the host's asks for it: where the children are started is all there is to say."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, begin in ((101, 10), (102, 20)):
        child = spawned(run, parent, pid, begin).imports("socket", begin + 25, begin + 35, importer="runpy")
        child.imports("application", begin + 40, begin + 240, importer="multiprocessing.spawn", line=132)
        child.phase("unpickle", begin + 30, begin + 250, run_queue_ns=0).ready(begin + 250)
    [finding] = findings(run, "repeated-import")
    assert (finding.cost_ns, finding.where) == (400 * MS, [Place("/src/app.py", 50)])
    assert finding.evidence[1:] == ["application: 200.0 ms in each, asked for in unpickling"]


def test_workers_of_other_libraries_are_programs_that_are_ready(tmp_path: Path) -> None:
    """Run by -m, whose package is imported first. They cannot be forked from a server, so nothing is predicted."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, begin in ((101, 10), (102, 20)):
        child = spawned(run, parent, pid, begin, method="loky").phase("bootstrap", begin + 20, begin + 250)
        child.imports("joblib", begin + 30, begin + 230, importer="runpy", line=112).ready(begin + 250)
    [finding] = findings(run, "repeated-import")
    assert (finding.severity, finding.predicted) == ("warning", None)
    assert finding.evidence == [
        "share of the time to ready of 2 children: 80%",
        "joblib: 200.0 ms in each, asked for to run the main module",
    ]
    assert finding.remedy.startswith("Start fewer programs that live longer")


def test_programs_are_a_note(tmp_path: Path) -> None:
    """Nobody knows when they were ready: what they import is compared with their lives."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, begin in ((101, 10), (102, 20)):
        parent.program(["python", "tool.py"], begin, begin + 2, child_pid=pid)
        program = run.process(pid, ppid=100, begin=begin + 1, argv=["python", "tool.py"])
        program.imports("pandas", begin + 30, begin + 230, line=3).ends(begin + 500)
    parent.ends(1000)
    [finding] = findings(run, "repeated-import")
    assert (finding.severity, finding.cost_ns, finding.where) == ("note", 400 * MS, [Place("tool.py", 3)])
    assert finding.evidence[0] == "share of the lives of 2 children: 40%"
    assert finding.predicted is None
    assert finding.remedy == "Start fewer programs that live longer, or import in them only what they need."
