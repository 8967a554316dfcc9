"""A program run by the launcher: its folder, its environment, its streams, its end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from mptrace.errors import CommandError
from mptrace.launcher.run import run
from mptrace.records import CHILD_END, END, LAUNCHER

# A worker of pytest-xdist has a thread of its own. The launcher has none when it forks, see the tests that start it.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

LAUNCH = "import sys; from mptrace.launcher.run import run; print(run(sys.argv[2:], sys.argv[1]).status)"


def journal(folder: str) -> list[list[object]]:
    """Return the records of the launcher's journal."""
    return [json.loads(line) for line in Path(folder, "launcher.journal").read_text().splitlines()]


def launch(directory: Path, command: Sequence[str]) -> "subprocess.Popen[str]":
    """Run the launcher in a process of its own, with the program's standard output in a pipe."""
    return subprocess.Popen([sys.executable, "-c", LAUNCH, str(directory), *command], stdout=subprocess.PIPE, text=True)


def test_program_is_told_of_its_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The folder is named for the program's own pid, and the program finds it in MPTRACE_RUN, with tracing on."""
    outcome = run(["sh", "-c", "echo $MPTRACE $MPTRACE_RUN $$"], str(tmp_path))
    on, folder, pid = capfd.readouterr().out.split()
    assert on == "1"
    assert folder == outcome.folder
    assert folder.endswith(f"-{pid}")
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert json.loads(Path(folder, "run.json").read_text())["argv"][:2] == ["sh", "-c"]


def test_several_pythons_below_a_shell_share_one_folder(tmp_path: Path) -> None:
    """A script that starts two Pythons makes one run, in which both report."""
    python = f"{sys.executable} -c ''"
    outcome = run(["sh", "-c", f"{python}; {python}"], str(tmp_path))
    pids = {path.name.partition("-")[0] for path in Path(outcome.folder).glob("*-*.journal")}
    assert len(pids) == 2
    assert [path for path in tmp_path.iterdir() if not path.is_symlink()] == [Path(outcome.folder)]


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill $$", 143)])
def test_status_is_the_programs(tmp_path: Path, script: str, status: int) -> None:
    """An exit status is passed on; a signal is 128 and its number, as a shell says it."""
    assert run(["sh", "-c", script], str(tmp_path)).status == status


def test_launcher_keeps_a_journal(tmp_path: Path) -> None:
    """It says who ran what, how the program ended, and has a last word."""
    outcome = run(["sh", "-c", "kill -9 $$"], str(tmp_path))
    records = journal(outcome.folder)
    pid = int(outcome.folder.rpartition("-")[2])
    assert records[0][:4] == [LAUNCHER, 1, os.getpid(), pid]
    assert records[0][-1] == ["sh", "-c", "kill -9 $$"]
    assert [record[2:] for record in records if record[0] == CHILD_END] == [[pid, -9]]
    assert records[-1][0] == END


def test_arguments_may_be_any_bytes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An argument that is not valid UTF-8 reaches the program as it was."""
    run(["printf", "%s", os.fsdecode(b"\xff")], str(tmp_path))
    assert capfd.readouterr().out.encode("utf-8", "surrogateescape") in (b"\xff", b"\xef\xbf\xbd")


def test_broken_pipes_end_the_program_as_usual(tmp_path: Path) -> None:
    """The program does not inherit that Python ignores SIGPIPE."""
    assert run(["sh", "-c", "yes | head -n 1 >/dev/null; kill -PIPE $$"], str(tmp_path)).status == 128 + signal.SIGPIPE


def test_sigterm_is_passed_on(tmp_path: Path) -> None:
    """What the launcher is told to do, the program is told; the launcher lives to say how it ended."""
    with launch(
        tmp_path, ["sh", "-c", "trap 'echo told; exit 5' TERM; echo begun; while :; do sleep 0.05; done"]
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "told\n5\n"


def test_ctrl_c_is_left_to_the_program(tmp_path: Path) -> None:
    """A SIGINT to the foreground group ends a program that lets it, and the launcher waits for that."""
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(tmp_path), "sh", "-c", "echo begun; exec sleep 30"],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    with process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == f"{128 + signal.SIGINT}\n"
    assert process.returncode == 0


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """Where no run folder can be made, the program is not started."""
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match=r"cannot write to .*file/runs': Not a directory"):
        run(["touch", str(tmp_path / "started")], str(tmp_path / "file" / "runs"))
    with pytest.raises(CommandError, match=r"cannot write to .*file': Not a directory"):
        run(["touch", str(tmp_path / "started")], str(tmp_path / "file"))
    assert not (tmp_path / "started").exists()


def test_what_cannot_be_executed_is_said(tmp_path: Path) -> None:
    """An executable that the kernel refuses is one line."""
    program = tmp_path / "odd"
    program.write_bytes(b"\x00odd")
    program.chmod(0o755)
    with pytest.raises(CommandError, match=r"cannot execute .*odd': Exec format error"):
        run([str(program)], str(tmp_path / "runs"))


def test_folder_removed_while_running_changes_nothing(tmp_path: Path) -> None:
    """The program runs to its end, and its status is passed on."""
    outcome = run(["sh", "-c", 'rm -r "$MPTRACE_RUN"; sleep 0.2; exit 4'], str(tmp_path))
    assert outcome.status == 4
    assert not Path(outcome.folder).exists()


def test_leftover_processes_do_not_hold_up_the_launcher(tmp_path: Path) -> None:
    """A daemon outlives the program: after a moment of grace the launcher goes on without it."""
    daemon = f"{sys.executable} -c 'import time; time.sleep(5)' >/dev/null 2>&1 &"
    begin_ns = time.monotonic_ns()
    run(["sh", "-c", f"{daemon} sleep 0.5"], str(tmp_path))
    assert time.monotonic_ns() - begin_ns < 4e9
