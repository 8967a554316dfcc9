"""The main module, run again in each child."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding, Prediction
from tests.findings.children import spawned
from tests.findings.fixtures import all_findings, findings
from tests.journals import MS, Journal, RunFolder


def child(run: RunFolder, parent: Journal, pid: int, begin: float, wall: float, queue: float = 0) -> Journal:
    """Tell of a spawned child whose main module takes so many milliseconds, half of them for pandas."""
    child = spawned(run, parent, pid, begin)
    child.imports("pandas", begin + 30, begin + 30 + wall / 2, importer="__mp_main__", line=3)
    child.phase("main-module", begin + 30, begin + 30 + wall, run_queue_ns=round(queue * MS))
    return child.ready(begin + 40 + wall).ends(begin + 500)


def test_imports_are_named_where_statements_were_not_recorded(tmp_path: Path) -> None:
    """The rest is said to be unknown."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    child(run, parent, 101, 10, 100)
    child(run, parent, 102, 20, 100)
    assert findings(run, "main-reexecuted") == [
        Finding(
            rule="main-reexecuted",
            title="app.py is run again by 2 children",
            severity="warning",
            cost_ns=200 * MS,
            pids=[101, 102],
            where=[Place("app.py", 3)],
            evidence=[
                "100.0 ms in each child, before its target can be found",
                "import pandas: 50.0 ms in each",
                "other statements, which Python 3.12 and later can tell: 50.0 ms in each",
            ],
            remedy=(
                "Move these lines under the guard, or into the function that needs them, or keep the functions of the "
                'children in a module of its own:\n    if __name__ == "__main__":\n        main()'
            ),
            taken=[Taken(101, 40 * MS, 140 * MS), Taken(102, 50 * MS, 150 * MS)],
            predicted=Prediction(100 * MS, "nothing but definitions at the top level"),
        )
    ]


def test_statements_are_named_with_their_lines(tmp_path: Path) -> None:
    """The dearest first, an import as the statement that it is; those of other modules are inside one of them."""
    run = RunFolder(tmp_path)
    main = child(run, run.process(100), 101, 10, 100)
    main.span("app.py:3 import pandas", 40, 90, "statement", file="/src/app.py", line=3)
    main.span("pandas.py:1 x = 1", 50, 60, "statement", file="/lib/pandas.py", line=1)
    main.span("app.py:5 MODEL = load()", 91, 136, "statement", file="/src/app.py", line=5)
    main.span("app.py:9 def work(): …", 136, 137, "statement", file="/src/app.py", line=9)
    [finding] = findings(run, "main-reexecuted")
    assert finding.where == [Place("/src/app.py", 3), Place("/src/app.py", 5)]
    assert finding.evidence[1:] == ["import pandas: 50.0 ms in each", "MODEL = load(): 45.0 ms in each"]
    assert finding.predicted == Prediction(96 * MS, "nothing but definitions at the top level")


def test_monkey_patching_is_not_to_be_moved(tmp_path: Path) -> None:
    """It must run before anything else is imported: nothing is gained there."""
    run = RunFolder(tmp_path)
    main = child(run, run.process(100), 101, 10, 100)
    main.span("app.py:1 monkey.patch_all()", 40, 90, "statement", file="/src/app.py", line=1)
    main.span("app.py:5 MODEL = load()", 91, 136, "statement", file="/src/app.py", line=5)
    [finding] = findings(run, "main-reexecuted")
    assert finding.remedy == (
        "Move these lines under the guard, or into the function that needs them, or keep the functions of the "
        "children in a module of its own; monkey.patch_all() must stay where it is, and run first:\n"
        '    if __name__ == "__main__":\n        main()'
    )
    assert finding.predicted == Prediction(45 * MS, "nothing but definitions at the top level")


def test_line_may_be_unknown(tmp_path: Path) -> None:
    """Then the file is all there is to say, and nothing is predicted."""
    run = RunFolder(tmp_path)
    spawned(run, run.process(100), 101, 10).phase("main-module", 40, 140, run_queue_ns=0).ready(150)
    [finding] = findings(run, "main-reexecuted")
    assert finding.where == [Place("app.py", 0)]
    assert finding.predicted is None


def test_small_main_module_is_as_it_should_be(tmp_path: Path) -> None:
    """Below 50 ms."""
    run = RunFolder(tmp_path)
    child(run, run.process(100), 101, 10, 49)
    assert findings(run, "main-reexecuted") == []


def test_waiting_for_a_cpu_is_not_the_main_modules(tmp_path: Path) -> None:
    """On a busy machine every main module takes long."""
    run = RunFolder(tmp_path)
    child(run, run.process(100), 101, 10, 100, queue=90)
    assert findings(run, "main-reexecuted") == []


def test_module_of_the_target_would_be_imported_anyway(tmp_path: Path) -> None:
    """Moving its import away gains nothing: only the rest of the main module counts, if there is any."""
    run = RunFolder(tmp_path)
    needing = spawned(run, run.process(100), 101, 10, target="workers.tasks:work")
    needing.imports("workers.tasks", 60, 70, importer="workers", line=1)
    needing.imports("workers", 40, 140, importer="__mp_main__", line=3)
    needing.imports("pandas", 140, 200, importer="__mp_main__", line=4)
    needing.phase("main-module", 40, 200, run_queue_ns=0).ready(210).ends(500)
    [finding] = findings(run, "main-reexecuted")
    assert (finding.cost_ns, finding.taken) == (60 * MS, [Taken(101, 40 * MS, 40 * MS), Taken(101, 140 * MS, 200 * MS)])
    assert finding.where == [Place("app.py", 4)]
    assert finding.evidence[1:] == ["import pandas: 60.0 ms in each", "not counted, as the target needs it: workers"]
    assert finding.predicted == Prediction(60 * MS, "nothing but definitions at the top level")
    small = RunFolder(tmp_path / "small")
    child = spawned(small, small.process(100), 101, 10, target="workers:Worker.run")
    child.span("app.py:3 import workers", 40, 140, "statement", file="/src/app.py", line=3)
    child.imports("workers", 41, 139, importer="__mp_main__", line=3)
    child.phase("main-module", 40, 150, run_queue_ns=0).ready(160)
    assert findings(small, "main-reexecuted") == []


def test_statement_that_brings_the_target_is_not_named(tmp_path: Path) -> None:
    """Another one is."""
    run = RunFolder(tmp_path)
    child = spawned(run, run.process(100), 101, 10, target="workers:work")
    child.span("app.py:3 import workers", 40, 140, "statement", file="/src/app.py", line=3)
    child.imports("workers", 41, 139, importer="__mp_main__", line=3)
    child.span("app.py:4 MODEL = load()", 140, 220, "statement", file="/src/app.py", line=4)
    child.phase("main-module", 40, 220, run_queue_ns=0).ready(230)
    [finding] = findings(run, "main-reexecuted")
    assert (finding.cost_ns, finding.where) == (82 * MS, [Place("/src/app.py", 4)])


def test_import_inside_counts_once(tmp_path: Path) -> None:
    """The finding on the import says that its time is part of this one's."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    child(run, parent, 101, 10, 300)
    child(run, parent, 102, 20, 300)
    found = all_findings(run)
    assert [(finding.rule, finding.cost_ns, finding.contained_in) for finding in found] == [
        ("main-reexecuted", 600 * MS, None),
        ("repeated-import", 300 * MS, "main-reexecuted"),
    ]
