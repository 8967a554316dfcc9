"""``mptrace run``: the program's own output and status, then the report."""

import json
from pathlib import Path

import pytest

from tests.commands.shell import mptrace, runs

APP = """
import multiprocessing, sys

def work():
    print("working", flush=True)

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=work, name="Worker")
    process.start()
    process.join()
    sys.exit(3)
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a folder that holds app.py."""
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def test_program_runs_as_without_us_and_a_report_follows(here: Path) -> None:
    """Standard output and status are the program's; the report is on the standard error."""
    outcome = mptrace(here, "run", "--", "app.py")
    assert (outcome.stdout, outcome.status) == ("working\n", 3)
    assert "How long children took to be ready" in outcome.stderr
    assert "The slowest child: Worker" in outcome.stderr
    assert len(runs(here)) == 1


def test_module_is_run(here: Path) -> None:
    """-m MODULE needs no -- before it."""
    outcome = mptrace(here, "run", "--quiet", "-m", "app")
    assert (outcome.stdout, outcome.stderr, outcome.status) == ("working\n", "", 3)


def test_quiet_prints_nothing_and_writes_the_trace(here: Path) -> None:
    """--quiet leaves out the report, -o writes what Perfetto opens, --dir says where runs go."""
    outcome = mptrace(here, "run", "--quiet", "--dir", "elsewhere", "-o", "trace.json", "app.py")
    assert (outcome.stdout, outcome.stderr, outcome.status) == ("working\n", "", 3)
    assert runs(here) == []
    assert (here / "elsewhere" / "latest").is_dir()
    assert json.loads((here / "trace.json").read_text())["traceEvents"]


def test_options_after_program_are_the_programs(here: Path) -> None:
    """Also without --, whatever follows PROGRAM is passed on untouched."""
    (here / "echo.py").write_text("import sys; print(sys.argv[1:])")
    outcome = mptrace(here, "run", "--quiet", "echo.py", "--quiet", "-o", "x", "--", "--help")
    assert outcome.stdout == "['--quiet', '-o', 'x', '--', '--help']\n"


def test_program_that_does_not_exist_creates_nothing(tmp_path: Path) -> None:
    """One line, and not even a folder for the runs."""
    outcome = mptrace(tmp_path, "run", "--", "no-such-program")
    assert (outcome.stdout, outcome.stderr, outcome.status) == (
        "", "mptrace: error: there is no program 'no-such-program'\n", 1,
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_trace_that_cannot_be_written_is_said_first(here: Path) -> None:
    """Nobody waits for a long run to learn that its trace has no place to go."""
    outcome = mptrace(here, "run", "-o", "missing/trace.json", "app.py")
    assert (outcome.stdout, outcome.stderr, outcome.status) == (
        "", "mptrace: error: cannot write to 'missing/trace.json': there is no folder 'missing'\n", 1,
    )  # fmt: skip


def test_program_that_is_not_python(tmp_path: Path) -> None:
    """Nobody reports, which is said plainly; the status is the program's all the same."""
    outcome = mptrace(tmp_path, "run", "--", "sh", "-c", "echo hi; exit 4")
    (run,) = runs(tmp_path)
    assert (outcome.stdout, outcome.status) == ("hi\n", 4)
    assert outcome.stderr.startswith(f"mptrace: warning: no Python process reported to {run}. ")
    assert outcome.stderr.count("\n") == 1


def test_python_that_clears_the_environment(here: Path) -> None:
    """A program that is not told of its run is as good as none."""
    outcome = mptrace(here, "run", "--", "env", "-i", "/bin/sh", "-c", "exit 0")
    assert outcome.stderr.startswith("mptrace: warning: no Python process reported")
    assert outcome.status == 0


def test_killed_program(here: Path) -> None:
    """128 and the signal; what it had recorded is reported."""
    (here / "die.py").write_text("import json, os; os.kill(os.getpid(), 9)")
    outcome = mptrace(here, "run", "die.py")
    assert outcome.status == 137
    assert "killed by SIGKILL" in outcome.stderr
    assert "json" in outcome.stderr


def test_run_folder_removed_by_the_program(here: Path) -> None:
    """The status is the program's; that there is nothing to report is one line."""
    (here / "vandal.py").write_text("import os, shutil; shutil.rmtree(os.environ['MPTRACE_RUN']); raise SystemExit(6)")
    outcome = mptrace(here, "run", "vandal.py")
    assert outcome.status == 6
    assert outcome.stderr.startswith("mptrace: warning: there is no folder ")
    assert outcome.stderr.count("\n") == 1


def test_memory_and_cpu_are_sampled(here: Path) -> None:
    """What the launcher saw from outside is in the trace, as counters of the process."""
    (here / "busy.py").write_text("import time; time.sleep(0.3)")
    mptrace(here, "run", "--quiet", "-o", "trace.json", "busy.py")
    events = json.loads((here / "trace.json").read_text())["traceEvents"]
    assert {event["name"] for event in events if event["ph"] == "C"} >= {"memory", "cpu"}
