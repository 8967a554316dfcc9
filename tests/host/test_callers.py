"""A start says where the host's code called, and whether anybody had asked for its start method."""

import multiprocessing
from pathlib import Path

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Start
from tests.hosts import PROGRAMS, failures, run

PROGRAM = PROGRAMS / "forks" / "chosen.py"
DEFAULT = multiprocessing.get_context().get_start_method()


def starts(folder: Path, how: str, method: str) -> list[Start]:
    """Run the program, and return the starts of its main process."""
    outcome = run(PROGRAM, traced=True, folder=folder, args=[how, method])
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert failures(outcome.run) == []
    return [start for start in load([outcome.run]).processes[0].starts if start.start_method != "subprocess"]


def line(marker: str) -> int:
    """Return the line of the program that ends with *marker*."""
    lines = PROGRAM.read_text(encoding="utf-8").splitlines()
    return 1 + next(number for number, text in enumerate(lines) if text.endswith(f"# HERE {marker}"))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("how", ["set", "context"])
def test_method_that_was_asked_for_is_chosen(how: str, method: str, tmp_path: Path) -> None:
    """By set_start_method() or get_context(), even if it is the default one."""
    (start,) = starts(tmp_path, how, method)
    assert (start.start_method, start.is_chosen) == (method, True)
    assert (start.file, start.line) == (str(PROGRAM), line("process"))


@pytest.mark.parametrize("how", ["process", "pool", "executor", "loop"])
def test_default_method_is_not_chosen(how: str, tmp_path: Path) -> None:
    """Not even where its name was asked for; the line is that of the host, whatever the library does in between."""
    (start,) = starts(tmp_path, how, "")
    assert (start.start_method, start.is_chosen) == (DEFAULT, False)
    assert (start.file, start.line) == (str(PROGRAM), line(how))


def test_worker_that_a_thread_of_the_library_replaces_was_started_at_no_line(tmp_path: Path) -> None:
    """Below the pool's own thread there is only threading, which nobody would change."""
    outcome = run(PROGRAMS / "pools" / "fates.py", traced=True, folder=tmp_path, args=["replaced", "fork"])
    assert outcome.run
    first, *others = load([outcome.run]).processes[0].starts
    assert first.file == str(PROGRAMS / "pools" / "fates.py")
    assert {(start.file, start.line) for start in others} == {("", 0)}


@pytest.mark.parametrize(
    ("main", "named"),
    [("main.py", "main.py"), ("venv/site-packages/tool.py", "venv/site-packages/pools.py")],
    ids=["program", "installed"],
)
def test_line_is_that_of_the_program_not_of_a_library_between(main: str, named: str, tmp_path: Path) -> None:
    """Where all is installed, it is the innermost line: of what starts the processes."""
    library = tmp_path / "venv" / "site-packages" / "pools.py"
    library.parent.mkdir(parents=True)
    start = "import multiprocessing\n\ndef run():\n    multiprocessing.get_context('fork').Process().start()\n"
    library.write_text(start, encoding="utf-8")
    (tmp_path / main).write_text("import pools\n\n\npools.run()\n", encoding="utf-8")
    outcome = run(tmp_path / main, traced=True, folder=tmp_path, env={"PYTHONPATH": str(library.parent)})
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    (call,) = load([outcome.run]).processes[0].starts
    assert (call.file, call.line) == (str(tmp_path / named), 4)
