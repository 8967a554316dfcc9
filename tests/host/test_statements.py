"""Which modules' top-level statements are timed: the main module however it is run, and those that are named."""

import signal
import sys
import zipapp
from pathlib import Path

import pytest

from mptrace.records import LINES
from mptrace.trace import merge
from mptrace.trace.model import Process, Trace
from tests.hosts import PROGRAMS, Outcome, failures, records, run

PROGRAM = PROGRAMS / "statements_run.py"
HAS_STATEMENTS = hasattr(sys, "monitoring")
needs_statements = pytest.mark.skipif(not HAS_STATEMENTS, reason="statements are timed from Python 3.12 on")
MODULE_ENV = {"PYTHONPATH": str(PROGRAMS)}
# What every way of running the program must show.
FIRST = 'statements_run.py:1 """A main module, run again by a child of each start method…'
MARK = "statements_run.py:6 MARK = [ …"
LOOP = "statements_run.py:9 for number in range(1000):"


def traced(outcome: Outcome) -> Trace:
    """Return the trace of a program in which nothing went wrong."""
    assert (outcome.stderr, outcome.status) == (b"", 0)
    assert outcome.run
    assert failures(outcome.run) == []
    return merge.load([outcome.run])


def names(process: Process) -> list[str]:
    """Return the statements of a process, in order."""
    return [span.name for span in process.spans if span.category == "statement"]


@needs_statements
@pytest.mark.parametrize(
    "words",
    [
        [str(PROGRAM)],
        ["-m", "statements_run"],
        ["-c", f"import runpy; runpy.run_path({str(PROGRAM)!r}, run_name='__main__')"],
        ["-c", "import runpy; runpy.run_module('statements_run', run_name='__main__', alter_sys=True)"],
        [str(PROGRAM.relative_to(PROGRAMS))],
        ["-c", f"import runpy; runpy.run_path({str(PROGRAM.relative_to(PROGRAMS))!r}, run_name='__main__')"],
    ],
    ids=["script", "-m", "run_path", "run_module", "relative", "run_path relative"],
)
def test_main_module_is_timed_however_it_is_run(tmp_path: Path, words: list[str]) -> None:
    """As a script, by -m, or by runpy: each statement once, whatever its loops do."""
    (process,) = traced(run(words, traced=True, folder=tmp_path, env=MODULE_ENV, cwd=PROGRAMS)).processes
    shown = [name for name in names(process) if not name.startswith("<string>")]
    assert shown[0] == FIRST
    assert [shown.count(name) for name in (MARK, LOOP)] == [1, 1]
    assert not [span for span in process.spans if span.category == "statement" and span.end_ns is None]


@needs_statements
def test_line_of_the_parent_is_none_of_a_forked_child(tmp_path: Path) -> None:
    """The child is in it for all its life, and leaves by os._exit() without having come to another."""
    words = [str(PROGRAMS / "cost" / "one_child.py"), "fork"]
    parent, child = traced(run(words, traced=True, folder=tmp_path)).processes
    assert child.parent_pid == parent.pid
    assert (len(names(parent)) > 0, names(child)) == (True, [])


@needs_statements
def test_command_is_timed(tmp_path: Path) -> None:
    """What is given to -c has its source in the command line."""
    (process,) = traced(run(["-c", "import json\nx = [\n1]\n"], traced=True, folder=tmp_path)).processes
    assert names(process) == ["<string>:1 import json", "<string>:2 x = [ …"]


@needs_statements
def test_standard_input_is_timed_without_source(tmp_path: Path) -> None:
    """A program that is read from standard input has lines only."""
    script = tmp_path / "input"
    script.write_text("x = 1\n\ny = [\n2]\n")
    with script.open() as stdin:
        (process,) = traced(run(["-"], traced=True, folder=tmp_path, stdin=stdin)).processes
    assert names(process)[0] == "<stdin>:1"


@needs_statements
def test_archive_is_timed_without_source(tmp_path: Path) -> None:
    """The file of a module in an archive is no file."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text("x = 1\ny = 2\n")
    zipapp.create_archive(tmp_path / "app", tmp_path / "app.pyz")
    (process,) = traced(run([str(tmp_path / "app.pyz")], traced=True, folder=tmp_path)).processes
    assert names(process) == ["__main__.py:1", "__main__.py:2"]


@needs_statements
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_main_module_is_timed_when_a_child_runs_it_again(tmp_path: Path, method: str) -> None:
    """In the child, or in the server that it was forked from, whose own command is nobody's main module."""
    trace = traced(run(PROGRAM, traced=True, folder=tmp_path, args=[method]))
    again = {process.role: names(process) for process in trace.processes if process.role in ("process", "forkserver")}
    ran = [shown for shown in again.values() if shown]
    assert ran
    assert all(shown[0] == FIRST and shown.count(LOOP) == 1 for shown in ran)
    assert all(not names(process) for process in trace.processes if process.role == "resource-tracker")


@needs_statements
def test_forked_child_goes_on_where_it_was(tmp_path: Path) -> None:
    """A child of os.fork() is in the statement that forked it, and records those that follow as its own."""
    script = tmp_path / "forking.py"
    script.write_text("import os\npid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\nx = 1\n")
    parent, child = traced(run(script, traced=True, folder=tmp_path)).processes
    forked = ["forking.py:2 pid = os.fork()", "forking.py:3 if pid:", "forking.py:5 x = 1"]
    assert names(child) == forked
    assert names(parent) == ["forking.py:1 import os", *forked[:2], "forking.py:4 os.waitpid(pid, 0)", forked[2]]
    assert child.begin_ns <= next(span.begin_ns for span in child.spans if span.category == "statement")


@needs_statements
def test_killed_process_shows_the_statement_it_was_in(tmp_path: Path) -> None:
    """Quick statements before it do not hide it: the last line that was reached is in the journal."""
    script = tmp_path / "killed.py"
    script.write_text("import os, signal\nx = 1\ny = 2\ndef f(): pass\nos.kill(os.getpid(), signal.SIGKILL)\nz = 3\n")
    outcome = run(script, traced=True, folder=tmp_path)
    assert outcome.status == -signal.SIGKILL
    assert outcome.run
    (process,) = merge.load([outcome.run]).processes
    *_, last = [span for span in process.spans if span.category == "statement"]
    assert (last.name, last.end_ns) == ("killed.py:5 os.kill(os.getpid(), signal.SIGKILL)", None)


@needs_statements
@pytest.mark.parametrize(
    "env", [{"MPTRACE_STATEMENTS": "off"}, {"MPTRACE_STATEMENTS": ""}, {"MPTRACE_PATCHES": "-statements"}], ids=str
)
def test_statements_can_be_left_out(tmp_path: Path, env: dict[str, str]) -> None:
    """By their own variable, or like any other patch, in every process."""
    outcome = run(PROGRAM, traced=True, folder=tmp_path, args=["spawn"], env=env)
    traced(outcome)
    assert outcome.run
    assert records(outcome.run, LINES) == []


@needs_statements
@pytest.mark.parametrize(
    ("patterns", "modules"),
    [
        ("json.decoder", {"json.decoder"}),
        ("json.*", {"json.decoder", "json.encoder", "json.scanner"}),
        ("main, json*", {"__main__", "json", "json.decoder", "json.encoder", "json.scanner"}),
        ("main", {"__main__"}),
    ],
)
def test_named_modules_are_timed(tmp_path: Path, patterns: str, modules: set[str]) -> None:
    """A pattern is a name, or how names begin; without `main` the main module is left out."""
    env = {"MPTRACE_STATEMENTS": patterns}
    outcome = run(["-c", "import json, string"], traced=True, folder=tmp_path, env=env)
    (process,) = traced(outcome).processes
    assert outcome.run
    assert {record["module"] for record in records(outcome.run, LINES)} == modules
    files = {name.partition(":")[0] for name in names(process)}
    assert ("decoder.py" in files) is ("json.decoder" in modules)


def test_stopped_tracing_times_no_more(tmp_path: Path) -> None:
    """Tracing may stop, and start again, in the midst of a main module."""
    program = "import mptrace\nx = 1\nmptrace.stop()\ny = 2\nmptrace.start('.mptrace')\nz = 3\n"
    outcome = run(["-c", program], traced=True, folder=tmp_path)
    assert (outcome.stderr, outcome.status) == (b"", 0)
    assert outcome.run
    assert failures(outcome.run) == []


@pytest.mark.skipif(HAS_STATEMENTS, reason="this Python can time statements")
@pytest.mark.parametrize("asked", [False, True])
def test_python_that_cannot_says_so_only_when_asked(tmp_path: Path, asked: bool) -> None:
    """Before 3.12 statements are off; asking for them is answered in the journal, and the host goes on."""
    env = {"MPTRACE_STATEMENTS": "main"} if asked else {}
    outcome = run(PROGRAM, traced=True, folder=tmp_path, args=["spawn"], env=env)
    assert (outcome.stderr, outcome.status) == (b"", 0)
    assert outcome.run
    told = "statements: NotImplementedError: statements are timed from Python 3.12 on"
    assert failures(outcome.run) == [told] * 2 * asked
    assert records(outcome.run, LINES) == []
