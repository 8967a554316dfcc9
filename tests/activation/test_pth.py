"""The line in a0_mptrace.pth, in the interpreter that runs the tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mptrace.records import PROCESS
from tests.hosts import failures, records, run

ROOT = Path(__file__).parents[2]
PTH = ROOT / "a0_mptrace.pth"
PASS = ("-c", "pass")


@pytest.mark.parametrize("word", ["1", "true", "yes", "on", "TRUE", "On"])
def test_words_that_turn_tracing_on(tmp_path: Path, word: str) -> None:
    """MPTRACE=1, true, yes or on, in any case, makes a run with one journal, and prints nothing."""
    outcome = run(PASS, traced=True, folder=tmp_path, env={"MPTRACE": word})
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, b"", b"")
    assert outcome.run
    assert failures(outcome.run) == []
    # A virtual environment runs every .pth file twice before 3.15: the second time changes nothing.
    assert len(records(outcome.run, PROCESS)) == 1


@pytest.mark.parametrize("word", ["", "0", "false", "no", "off", "OFF"])
def test_words_that_leave_tracing_off(tmp_path: Path, word: str) -> None:
    """MPTRACE empty, 0, false, no or off makes no run, and prints nothing."""
    outcome = run(PASS, traced=True, folder=tmp_path, env={"MPTRACE": word})
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, b"", b"")
    assert not (tmp_path / ".mptrace").exists()


def test_any_other_word_is_off_with_one_warning(tmp_path: Path) -> None:
    """MPTRACE=banana makes no run; the root process says so in one line, its children say nothing."""
    program = ("-c", "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', 'pass']))")
    outcome = run(program, traced=True, folder=tmp_path, env={"MPTRACE": "banana"})
    assert (outcome.status, outcome.stdout) == (0, b"")
    assert outcome.stderr.startswith(b"mptrace: warning: MPTRACE=banana ")
    assert outcome.stderr.count(b"\n") == 1
    assert not (tmp_path / ".mptrace").exists()


SUB_INTERPRETER = (
    "-c",
    """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
ident = interpreters.create()
names = "sorted(name for name in sys.modules if name.startswith('mptrace'))"
interpreters.run_string(ident, f"import sys; print({names}, flush=True)")
interpreters.destroy(ident)
""",
)


@pytest.mark.parametrize(
    ("option", "expected"), [("-E", True), ("-I", True), ("-s", True), ("-B", True), ("-S", False)]
)
def test_options_of_the_interpreter(tmp_path: Path, option: str, expected: bool) -> None:
    """Tracing needs `site`, which -S leaves out, and no other variable of Python's."""
    outcome = run(PASS, traced=True, folder=tmp_path, options=[option])
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, b"", b"")
    assert (outcome.run is not None) is expected


def test_empty_environment_stops_tracing(tmp_path: Path) -> None:
    """A child that is started with an environment of its own is not followed: the host decides what it inherits."""
    program = ("-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', 'pass'], env={}, check=True)")
    outcome = run(program, traced=True, folder=tmp_path)
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert len(records(outcome.run, PROCESS)) == 1


def test_sub_interpreter_is_left_alone(tmp_path: Path) -> None:
    """It runs the line as well; nothing is loaded there but what finds that out, and it has no journal."""
    outcome = run(SUB_INTERPRETER, traced=True, folder=tmp_path)
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, b"['mptrace', 'mptrace.runtime']\n", b"")
    assert outcome.run
    assert len(records(outcome.run, PROCESS)) == 1


def _read_by_site(folder: Path, tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    """Have a bare interpreter, where mptrace is not importable, treat *folder* as a site-packages of its own."""
    program = f"import site; site.addsitedir({str(folder)!r})"
    environment = os.environ | {"MPTRACE": "1", "MPTRACE_DIR": str(tmp_path / "runs")}
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], env=environment, capture_output=True, check=False
    )


def test_line_alone_does_nothing(tmp_path: Path) -> None:
    """A .pth file that was left behind without its package prints nothing, at no start of an interpreter."""
    shutil.copy(PTH, tmp_path)
    result = _read_by_site(tmp_path, tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_line_beside_an_emptied_package_does_nothing(tmp_path: Path) -> None:
    """What an interrupted uninstall leaves of the package, folders without files, prints nothing."""
    shutil.copy(PTH, tmp_path)
    (tmp_path / "mptrace" / "runtime" / "__pycache__").mkdir(parents=True)
    result = _read_by_site(tmp_path, tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_line_beside_the_package_turns_tracing_on(tmp_path: Path) -> None:
    """The same interpreter is traced when the package lies beside the line."""
    shutil.copy(PTH, tmp_path)
    shutil.copytree(ROOT / "mptrace", tmp_path / "mptrace", ignore=shutil.ignore_patterns("__pycache__"))
    result = _read_by_site(tmp_path, tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    assert (tmp_path / "runs" / "latest").is_dir()


def test_other_pth_files_are_still_read(tmp_path: Path) -> None:
    """A .pth file that comes after ours is read whether or not ours works."""
    shutil.copy(PTH, tmp_path)
    (tmp_path / "b_other.pth").write_text("import sys; print('read')\n")
    result = _read_by_site(tmp_path, tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"read\n", b"")
