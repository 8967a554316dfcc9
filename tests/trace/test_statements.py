"""From lines that were reached to statements with begin and end."""

from pathlib import Path

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Process
from tests.journals import MS, Journal, RunFolder

SOURCE = """\
import json
if json:
    model = load(
        "big",
    )
    check(model)
for _ in range(3):
    work()
done()
"""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """Return a run's folder, yet to be filled."""
    return RunFolder(tmp_path / "run")


@pytest.fixture
def app(tmp_path: Path) -> dict[str, object]:
    """Return a source file: its name, the time of its last change, and its size."""
    path = tmp_path / "app.py"
    path.write_text(SOURCE, encoding="utf-8")
    status = path.stat()
    return {"file": str(path), "changed_ns": status.st_mtime_ns, "size": status.st_size}


def statements(run: RunFolder, pid: int = 100) -> list[tuple[str, float, float | None]]:
    """Return the statements of one process: name, begin and end in milliseconds."""
    process = _process(run, pid)
    found = [span for span in process.spans if span.category == "statement"]
    return [(span.name, span.begin_ns / MS, None if span.end_ns is None else span.end_ns / MS) for span in found]


def _process(run: RunFolder, pid: int) -> Process:
    trace = load([run.write()])
    assert trace.warnings == []
    return next(process for process in trace.processes if process.pid == pid)


def reach(journal: Journal, app: dict[str, object], *reached: tuple[float, int]) -> Journal:
    """Record lines of the source file."""
    return journal.reaches(str(app["file"]), *reached, changed_ns=app["changed_ns"], size=app["size"])  # type: ignore[arg-type]


def test_each_line_lasts_to_the_next(run: RunFolder, app: dict[str, object]) -> None:
    """A statement of many lines is one span, in a block's span where it is in a block."""
    reached = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 3), (6, 6), (7, 7), (8, 8), (9, 7), (10, 9), (11, 0))
    reach(run.process(100), app, *reached)
    assert statements(run) == [
        ("app.py:1 import json", 1, 2),
        ("app.py:2 if json:", 2, 7),
        ("app.py:3 model = load( …", 3, 6),
        ("app.py:6 check(model)", 6, 7),
        ("app.py:7 for _ in range(3):", 7, 10),
        ("app.py:9 done()", 10, 11),
    ]


def test_records_go_on_where_the_last_one_stopped(run: RunFolder, app: dict[str, object]) -> None:
    """Lines are written as they come; the last one of a record may be the first of the next."""
    journal = reach(run.process(100), app, (1, 1))
    reach(journal, app, (1, 1), (4, 9))
    reach(journal, app, (6, 0))
    assert statements(run) == [("app.py:1 import json", 1, 4), ("app.py:9 done()", 4, 6)]


def test_last_line_of_a_killed_process_is_unfinished(run: RunFolder, app: dict[str, object]) -> None:
    """What was under way when it was killed is shown, and so is the block around it."""
    reach(run.process(100), app, (1, 1), (2, 2), (3, 3))
    assert statements(run)[1:] == [("app.py:2 if json:", 2, None), ("app.py:3 model = load( …", 3, None)]


def test_file_that_changed_leaves_lines(run: RunFolder, app: dict[str, object]) -> None:
    """Each line stands alone, for which statement it belongs to is not known."""
    reach(run.process(100), app | {"size": 7}, (1, 1), (2, 3), (3, 4), (4, 4), (5, 0))
    assert statements(run) == [("app.py:1", 1, 2), ("app.py:3", 2, 3), ("app.py:4", 3, 5)]


def test_command_is_its_own_source(run: RunFolder) -> None:
    """What was given to -c is in the command line."""
    journal = run.process(100, argv=["python", "-c", "  import app\n  app.main()\n"])
    journal.reaches("<string>", (1, 1), (2, 2), (3, 0))
    assert statements(run) == [("<string>:1 import app", 1, 2), ("<string>:2 app.main()", 2, 3)]


def test_command_without_its_text_leaves_lines(run: RunFolder) -> None:
    """A program may execute a string of its own."""
    run.process(100, argv=["python", "-c"]).reaches("<string>", (1, 1), (3, 0))
    assert statements(run) == [("<string>:1", 1, 3)]


def test_modules_and_threads_are_apart(run: RunFolder, app: dict[str, object]) -> None:
    """The lines of a module that this one imports, or another thread, do not end a statement of this one."""
    journal = reach(run.process(100), app, (1, 1), (9, 9), (10, 0))
    journal.reaches("/src/json.py", (2, 1), (8, 0), module="json")
    journal.reaches("/src/json.py", (3, 1), (12, 0), module="json", tid=7)
    assert sorted(statements(run), key=lambda found: found[1]) == [
        ("app.py:1 import json", 1, 9), ("json.py:1", 2, 8), ("json.py:1", 3, 12), ("app.py:9 done()", 9, 10),
    ]  # fmt: skip


def test_time_between_two_executions_is_no_statement(run: RunFolder, app: dict[str, object]) -> None:
    """A file that is run twice came to its end in between."""
    journal = reach(run.process(100), app, (1, 9), (2, 0))
    reach(journal, app, (5, 9), (7, 0))
    assert statements(run) == [("app.py:9 done()", 1, 2), ("app.py:9 done()", 5, 7)]


def test_failing_child_ends_with_its_main_module(run: RunFolder, app: dict[str, object]) -> None:
    """An exception in the main module of a spawned child ends the phase, and so the statement."""
    journal = run.process(100).phase("main-module", 0.5, 4)
    journal.reaches(str(app["file"]), (1, 1), (2, 9), module="__mp_main__")
    assert statements(run) == [("app.py:1", 1, 2), ("app.py:9", 2, 4)]


def test_failing_module_ends_with_its_import(run: RunFolder) -> None:
    """An exception in a module ends its import, and so the statement."""
    journal = run.process(100).imports("tools", 1, 4, is_failed=True).imports("other", 5, 6)
    journal.reaches("/src/tools.py", (2, 7), module="tools")
    assert statements(run) == [("tools.py:7", 2, 4)]


def test_import_on_nobodys_behalf_ends_the_main_module(run: RunFolder, app: dict[str, object]) -> None:
    """Python that imports traceback, with no code running that asked for it, has left the main module."""
    journal = run.process(100).imports("a", 2, 3, importer="app").imports("traceback", 4, 6, importer="")
    journal.imports("b", 1, 1.5, importer="")
    reach(journal, app, (1.7, 9))
    assert statements(run) == [("app.py:9 done()", 1.7, 4)]


def test_moments_that_are_no_numbers_are_passed_over(run: RunFolder) -> None:
    """A journal may hold anything: what cannot be a moment is none."""
    journal = run.process(100)
    at_ns = journal.host.at(1)
    moments = f'[{at_ns},1,"x",2,{at_ns + MS},null,{at_ns + 2 * MS},9,{at_ns + 3 * MS}]'
    journal.raw(f'["t",100,{at_ns},"__main__","/src/app.py",0,0,{moments}]')
    assert statements(run) == [("app.py:1", 1, 3), ("app.py:9", 3, None)]
