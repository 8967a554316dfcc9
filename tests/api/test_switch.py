"""start() and stop() in a running program."""

import json
import sys
import textwrap
from pathlib import Path

import pytest

from mptrace.records import PROCESS, RUN_FILE, SPAN, START
from tests.hosts import PROGRAMS, Outcome, failures, records, run

PROGRAM = PROGRAMS / "api" / "start_and_stop.py"


def only_run(directory: Path) -> Path:
    """Return the one run in *directory*."""
    (folder,) = (path for path in directory.iterdir() if not path.is_symlink())
    return folder


def run_code(code: str, folder: Path, **env: str) -> Outcome:
    """Run a piece of code with tracing off in its environment, unless *env* says otherwise."""
    outcome = run(("-c", code), traced=False, folder=folder, env=env)
    assert (outcome.stderr, outcome.status) == (b"", 0)
    return outcome


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_tracing_lasts_from_start_to_stop(tmp_path: Path, method: str) -> None:
    """The process and what it starts are traced after start(), and no longer after stop()."""
    outcome = run(PROGRAM, traced=False, folder=tmp_path, args=[method])
    assert (outcome.stderr, outcome.status) == (b"", 0)
    said = dict(line.split() for line in outcome.stdout.decode().splitlines())
    assert said == {word: str(word.startswith("on")) for word in said}
    assert {"on", "on-child", "on-program", "off"} <= said.keys()
    folder = only_run(tmp_path / "runs")
    assert (folder / RUN_FILE).is_file()
    assert failures(folder) == []
    names = [span["name"] for span in records(folder, SPAN) if span["category"] == "user"]
    assert sorted(names) == ["during", "work", "work"]
    assert [start["process_name"] for start in records(folder, START)] == ["on-child"]
    assert not (tmp_path / "elsewhere").exists()


def test_running_process_is_recorded_as_such(tmp_path: Path) -> None:
    """The journal of a process that was running says that it began with start()."""
    run_code("import mptrace; mptrace.start('runs')", tmp_path)
    assert [header["origin"] for header in records(only_run(tmp_path / "runs"), PROCESS)] == ["start"]


def test_span_imported_before_start_is_recorded(tmp_path: Path) -> None:
    """`from mptrace import span` before start() is no other span than after it."""
    run_code(
        "from mptrace import span, start, stop\n"
        "with span('before'): pass\n"
        "start('runs')\n"
        "with span('during'): pass\n"
        "stop()\n"
        "with span('after'): pass\n",
        tmp_path,
    )
    folder = only_run(tmp_path / "runs")
    assert [span["name"] for span in records(folder, SPAN) if span["category"] == "user"] == ["during"]


def test_environment_is_put_back(tmp_path: Path) -> None:
    """stop() leaves the environment as start() found it, but for what the host has set since."""
    outcome = run_code(
        "import os, mptrace\n"
        "before = dict(os.environ)\n"
        "run = mptrace.start('runs')\n"
        "print(os.environ['MPTRACE'], os.environ['MPTRACE_RUN'] == run)\n"
        "mptrace.stop()\n"
        "print(os.environ == before)\n"
        "mptrace.start('other runs')\n"
        "os.environ['MPTRACE'] = '0'\n"
        "mptrace.stop()\n"
        "print(os.environ['MPTRACE'], 'MPTRACE_RUN' in os.environ)\n",
        tmp_path,
        MPTRACE="no",
    )
    assert outcome.stdout.split() == b"1 True True 0 False".split()


def test_run_is_made_where_the_environment_says(tmp_path: Path) -> None:
    """Without a folder of its own start() uses MPTRACE_DIR, else .mptrace in the working directory."""
    run_code("import mptrace; mptrace.start()", tmp_path, MPTRACE_DIR="by variable")
    run_code("import mptrace; mptrace.start()", tmp_path)
    assert only_run(tmp_path / "by variable").is_dir()
    assert only_run(tmp_path / ".mptrace").is_dir()


def test_child_that_was_not_reached_joins_its_parents_run(tmp_path: Path) -> None:
    """start() in a child without site (-S) records into the run of its parent."""
    child = f"import sys; sys.path[:] = {sys.path!r}; import mptrace; print(mptrace.is_enabled()); mptrace.start()"
    code = (
        "import mptrace, subprocess, sys\n"
        "mptrace.start('runs')\n"
        f"subprocess.run([sys.executable, '-S', '-c', {child!r}], check=True)\n"
    )
    assert run_code(code, tmp_path).stdout == b"False\n"
    assert len(records(only_run(tmp_path / "runs"), PROCESS)) == 2


def test_each_start_begins_a_run_of_its_own(tmp_path: Path) -> None:
    """Starting again, even within the same second, records into a new folder."""
    code = "import mptrace\nfor _ in range(3): print(mptrace.start('runs')); mptrace.stop()"
    folders = run_code(code, tmp_path).stdout.decode().split()
    assert [len(records(Path(folder), PROCESS)) for folder in folders] == [1, 1, 1]
    assert len(set(folders)) == 3


def test_traced_program_is_not_traced_twice(tmp_path: Path) -> None:
    """start() in a program that MPTRACE=1 traces changes nothing, and names its run."""
    outcome = run(("-c", "import mptrace; print(mptrace.start('other'))"), traced=True, folder=tmp_path)
    assert outcome.run
    assert outcome.stdout.decode().strip() == str(outcome.run)
    assert not (tmp_path / "other").exists()


def test_start_fails_where_nothing_can_be_written(tmp_path: Path) -> None:
    """start() raises OSError, and leaves the program untraced and its environment as it was."""
    (tmp_path / "file").touch()
    outcome = run_code(
        "import os, mptrace\n"
        "before = dict(os.environ)\n"
        "try:\n"
        "    mptrace.start('file')\n"
        "except OSError as error:\n"
        "    print(type(error).__name__)\n"
        "print(os.environ == before, mptrace.is_enabled())\n",
        tmp_path,
    )
    assert outcome.stdout.split() == b"NotADirectoryError True False".split()


CHILDREN = """
import multiprocessing, time
import mptrace

process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
mptrace.start("runs")
process.start()
mptrace.stop()
print(process in multiprocessing.active_children(), type(multiprocessing.process._children).__name__)
process.kill()
process.join()
"""


def test_children_started_while_tracing_stay_known_after_it(tmp_path: Path) -> None:
    """Multiprocessing still knows, and at exit still joins, a child whose start was recorded."""
    assert run_code(CHILDREN, tmp_path).stdout == b"True set\n"


def test_interpreter_that_knows_no_command_line_is_named_by_the_kernel(tmp_path: Path) -> None:
    """Programs that contain a Python, such as uWSGI, tell it none."""
    code = 'import sys; sys.orig_argv = []; import mptrace; mptrace.start("runs"); mptrace.stop()'
    run_code(code, tmp_path)
    folder = only_run(tmp_path / "runs")
    assert json.loads((folder / RUN_FILE).read_text())["argv"] == [sys.executable, "-c", code]
    assert [process["argv"] for process in records(folder, PROCESS)] == [[sys.executable, "-c", code]]


def test_child_that_c_code_forks_after_stop_is_not_traced(tmp_path: Path) -> None:
    """What is over stays over, where nobody has told the child that it is one too."""
    code = """
        import ctypes, mptrace, os, sys
        mptrace.start("runs"); mptrace.stop()
        pid = ctypes.PyDLL(None).fork()
        if pid == 0:
            sys.exit(0)
        os.waitpid(pid, 0)
    """
    run_code(textwrap.dedent(code), tmp_path)
    assert len(records(only_run(tmp_path / "runs"), PROCESS)) == 1
