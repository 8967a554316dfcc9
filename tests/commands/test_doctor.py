"""``mptrace doctor``: each thing that can keep tracing from working is a line with its remedy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.shell import mptrace
from tests.hosts import environment


def problems(folder: Path, **variables: str) -> list[str]:
    """Return the lines that name a problem; the exit status says whether there are any."""
    outcome = mptrace(folder, "doctor", **variables)
    found = [line for line in outcome.stdout.splitlines() if not line.startswith(("ok: ", "Python "))]
    assert outcome.status == (1 if found else 0)
    return found


def test_all_is_well(tmp_path: Path) -> None:
    """In an environment like that of the tests every check is ok, and nothing is left behind."""
    outcome = mptrace(tmp_path, "doctor")
    assert outcome.status == 0
    assert [line.partition(":")[0] for line in outcome.stdout.splitlines()[1:]] == ["ok"] * 5
    assert f"ok: runs are written to {tmp_path}/.mptrace" in outcome.stdout
    assert list(tmp_path.iterdir()) == []


def test_word_that_is_neither_on_nor_off(tmp_path: Path) -> None:
    """MPTRACE=banana is seen, although the runtime has turned it off by then."""
    assert problems(tmp_path, MPTRACE="banana") == [
        "problem: MPTRACE=banana is neither on nor off, so tracing is off; set it to 1 or 0"
    ]


def test_settings_that_say_nothing(tmp_path: Path) -> None:
    """A word in another variable that mptrace does not know is a line, though tracing works."""
    assert problems(tmp_path, MPTRACE_PATCHES="-import,-gc", MPTRACE_STUCK_AFTER="soon") == [
        "problem: MPTRACE_PATCHES: there is no patch 'import'; did you mean 'imports'?",
        "problem: MPTRACE_STUCK_AFTER: 'soon' is not a number of seconds; it is taken for 5",
    ]


def test_doctor_may_be_traced_itself(tmp_path: Path) -> None:
    """The run that doctor makes under MPTRACE=1 is not taken for a stale one."""
    assert problems(tmp_path, MPTRACE="1") == []


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A file in its place, a place where nothing can be made, and one that belongs to everybody."""
    (tmp_path / "file").touch()
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    assert problems(tmp_path, MPTRACE_DIR="file") == [
        f"problem: {tmp_path}/file is not a folder; set MPTRACE_DIR to one"
    ]
    assert problems(tmp_path, MPTRACE_DIR="/proc/runs") == [
        "problem: /proc cannot be written to (No such file or directory); set MPTRACE_DIR to another folder"
    ]
    remedy = "`chmod o-w` it, or set MPTRACE_DIR to a folder of yours"
    assert problems(tmp_path, MPTRACE_DIR="open") == [f"problem: anybody may rename what is in {open_to_all}; {remedy}"]


def test_stale_run(tmp_path: Path) -> None:
    """MPTRACE_RUN left in the environment by a run that is over, or whose folder is gone."""
    folder = tmp_path / "20260101T000000Z-99999999"
    folder.mkdir(0o700)
    assert problems(tmp_path, MPTRACE_RUN=str(folder)) == [
        f"problem: MPTRACE_RUN={folder} is of a run that is over; unset it, or new processes are added to that run"
    ]
    assert problems(tmp_path, MPTRACE_RUN="/gone") == [
        "problem: MPTRACE_RUN=/gone cannot be used (No such file or directory), so nothing is traced; unset it"
    ]
    going_on = tmp_path / f"20260101T000000Z-{os.getpid()}"
    going_on.mkdir(0o700)
    assert problems(tmp_path, MPTRACE_RUN=str(going_on)) == []


def test_python_without_site(tmp_path: Path) -> None:
    """-S ignores .pth files."""
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; sys.argv = ['mptrace', 'doctor']\n"
        "import runpy; runpy.run_module('mptrace', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=tmp_path, env=environment(traced=False, folder=tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "problem: this Python runs with -S, which ignores .pth files; run it without" in done.stdout


@pytest.mark.once
def test_python_without_mptrace(tmp_path: Path) -> None:
    """A Python whose site-packages lacks the gated line does not trace its children."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [str(venv / "bin" / "python"), "-m", "mptrace", "doctor"],
        cwd=tmp_path, env=environment(traced=False, folder=tmp_path) | {"PYTHONPATH": paths},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "problem: a0_mptrace.pth is in no site-packages of this Python; install mptrace with `" in done.stdout
    assert "problem: a child with MPTRACE=1 keeps no journal; put the other problems right first" in done.stdout
