"""One statement that takes long wherever its module is imported."""

from pathlib import Path

import pytest

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding, Prediction
from tests.findings.children import spawned
from tests.findings.fixtures import findings
from tests.findings.forked import forked, os_forked
from tests.journals import MS, Journal, RunFolder


def child(run: RunFolder, pid: int = 101, ready: float = 200) -> Journal:
    """Tell of a spawned child that is ready at *ready*."""
    child = spawned(run, run.process(100), pid, 10)
    return child.phase("main-module", 30, 190, run_queue_ns=0).ready(ready).ends(500)


def test_statement_is_reported_with_its_line(tmp_path: Path) -> None:
    """Statements inside it are lines of their own, and imports are another rule's."""
    run = RunFolder(tmp_path)
    main = child(run).span("app.py:12 MODEL = load_model()", 40, 120, "statement", file="/src/app.py", line=12)
    main.imports("pickle", 50, 60, importer="app", line=99)
    assert findings(run, "heavy-statement") == [
        Finding(
            rule="heavy-statement",
            title="MODEL = load_model() takes 70.0 ms whenever the module is imported",
            severity="warning",
            cost_ns=70 * MS,
            pids=[101],
            where=[Place("/src/app.py", 12)],
            evidence=["MODEL = load_model(): 70.0 ms in 1 child on average, 70.0 ms in the slowest"],
            remedy=(
                "Move it into a function that is called when its result is needed:\n"
                "    @functools.cache\n    def model():\n        return ..."
            ),
            taken=[Taken(101, 40 * MS, 120 * MS)],
            predicted=Prediction(70 * MS, "this statement executed only where its result is needed"),
        )
    ]


def test_block_is_named_without_its_colon(tmp_path: Path) -> None:
    """A loop is one statement."""
    run = RunFolder(tmp_path)
    child(run).span("app.py:3 for a in b:", 40, 100, "statement", file="/src/app.py", line=3)
    [finding] = findings(run, "heavy-statement")
    assert finding.title == "for a in b takes 60.0 ms whenever the module is imported"
    assert finding.evidence == ["for a in b: 60.0 ms in 1 child on average, 60.0 ms in the slowest"]


def test_file_and_line_are_told_by_the_name_too(tmp_path: Path) -> None:
    """Where nothing else says it."""
    run = RunFolder(tmp_path)
    child(run).span("tables.py:3 load()", 40, 100, "statement")
    assert [finding.where for finding in findings(run, "heavy-statement")] == [[Place("tables.py", 3)]]


def test_short_statement_is_none(tmp_path: Path) -> None:
    """Below 50 ms, with what is inside it taken out."""
    run = RunFolder(tmp_path)
    main = child(run).span("app.py:12 if x:", 40, 120, "statement", file="/src/app.py", line=12)
    main.span("app.py:13 a = b", 50, 85, "statement", file="/src/app.py", line=13)
    assert findings(run, "heavy-statement") == []


def test_statement_in_whose_course_the_child_is_ready_is_its_work(tmp_path: Path) -> None:
    """The main module of loky's children calls what runs their target."""
    run = RunFolder(tmp_path)
    child(run).span("app.py:9 exitcode = process._bootstrap()", 195, 450, "statement", file="/src/app.py", line=9)
    assert findings(run, "heavy-statement") == []


def test_import_is_none(tmp_path: Path) -> None:
    """Other rules tell of imports."""
    run = RunFolder(tmp_path)
    child(run).span("app.py:1 from a import b", 40, 140, "statement", file="/src/app.py", line=1)
    assert findings(run, "heavy-statement") == []


@pytest.mark.parametrize(
    "source",
    [
        "monkey.patch_all()",
        "gevent.monkey.patch_socket(dns=False)",
        "patch_all(thread=False)",
        "eventlet.monkey_patch()",
        "_ = monkey_patch(os=False)",
    ],
)
def test_monkey_patching_is_none(tmp_path: Path, source: str) -> None:
    """It must run first, at the top level: nobody is to move it."""
    run = RunFolder(tmp_path)
    child(run).span(f"app.py:2 {source}", 40, 140, "statement", file="/src/app.py", line=2)
    assert findings(run, "heavy-statement") == []


def test_statement_that_waits_for_an_import_is_none(tmp_path: Path) -> None:
    """What it calls may import."""
    run = RunFolder(tmp_path)
    main = child(run).span("app.py:1 setup()", 40, 140, "statement", file="/src/app.py", line=1)
    main.imports("pandas", 41, 139, importer="app")
    assert findings(run, "heavy-statement") == []


def test_after_ready_it_is_no_start_up(tmp_path: Path) -> None:
    """A module may be imported by the target."""
    run = RunFolder(tmp_path)
    child(run, ready=35).span("app.py:1 setup()", 40, 140, "statement", file="/src/app.py", line=1)
    assert findings(run, "heavy-statement") == []


def test_main_process_does_its_work(tmp_path: Path) -> None:
    """In a script without functions every statement is work."""
    run = RunFolder(tmp_path)
    run.process(100).span("app.py:1 compute()", 40, 140, "statement", file="/src/app.py", line=1).ends(200)
    assert findings(run, "heavy-statement") == []


def test_statement_that_was_forked_in_is_the_programs(tmp_path: Path) -> None:
    """It goes on in the child, and holds all of the child's life."""
    run = RunFolder(tmp_path)
    child = forked(run, run.process(100), 101, 10).ends(500)  # its at-fork handlers run from 12 to 13
    child.span("app.py:9 sys.exit(main())", 12.5, None, "statement", file="/src/app.py", line=9)
    assert findings(run, "heavy-statement") == []


def test_process_of_os_fork_does_its_work(tmp_path: Path) -> None:
    """Nobody knows when it was ready, and no statement of it is repeated by another."""
    run = RunFolder(tmp_path)
    child = os_forked(run, run.process(100), 101, 10).ends(500)
    child.span("app.py:9 serve()", 20, 490, "statement", file="/src/app.py", line=9)
    assert findings(run, "heavy-statement") == []
