"""Every error is one line and an exit status; nothing else reaches the user."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import mptrace.commands
from mptrace.commands import COMMANDS, main
from mptrace.errors import CommandError, MptraceError
from tests.commands.shell import mptrace as typed


def test_help_lists_every_command(tmp_path: Path) -> None:
    """Each with the first sentence of its docstring."""
    for words in ([], ["--help"], ["-h"]):
        outcome = typed(tmp_path, *words)
        assert (outcome.status, outcome.stderr) == (0, "")
        listed = outcome.stdout.partition("Commands:\n")[2].splitlines()
        assert [line.split()[0] for line in listed] == sorted(COMMANDS)
        assert not any(line.endswith("...") for line in listed)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(tmp_path: Path, name: str) -> None:
    """Its text is the command's docstring."""
    outcome = typed(tmp_path, name, "--help")
    assert outcome.status == 0
    assert outcome.stdout.startswith(f"Usage: mptrace {name}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rport"], "No such command 'rport'."),
        (["--loud"], "No such option"),
        (["merge"], "Missing option '-o' / '--output'. See mptrace merge --help."),
        (["report", "--format", "pdf"], "Invalid value for '--format': 'pdf' is not one of"),
        (["run"], "Missing argument '[--] PROGRAM [ARGS]...'. See mptrace run --help."),
        (["run", "--loud", "app.py"], "PROGRAM cannot be '--loud': give a script, -m MODULE, or an executable"),
    ],
)
def test_wrong_usage_is_one_line_and_2(tmp_path: Path, words: list[str], message: str) -> None:
    """Whatever is wrong with the command line is said in one line."""
    outcome = typed(tmp_path, *words)
    assert outcome.status == 2
    assert outcome.stdout == ""
    assert outcome.stderr.startswith(f"mptrace: error: {message}")
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "line", "status"),
    [
        (CommandError("no\nway", status=2), "mptrace: error: no way\n", 2),
        (MptraceError("no way"), "mptrace: error: no way\n", 1),
        (FileNotFoundError(2, "No such file or directory", "x"), "mptrace: error: x: No such file or directory\n", 1),
        (KeyboardInterrupt(), "", 130),
        (click.Abort(), "", 130),
    ],
)
def test_exceptions_become_a_line_and_a_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, line: str, status: int
) -> None:
    """Only main() turns one into the other."""

    def fail(words: object) -> None:
        raise error

    monkeypatch.setattr(mptrace.commands, "_load", fail)
    assert main([]) == status
    assert capsys.readouterr().err == line


def test_defects_are_a_line_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A defect of ours names itself; with MPTRACE_STRICT it is raised."""

    def fail(words: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(mptrace.commands, "_load", fail)
    assert main([]) == 1
    assert capsys.readouterr().err == (
        "mptrace: error: a defect in mptrace itself (ValueError: odd); with MPTRACE_STRICT=1 it shows where\n"
    )
    monkeypatch.setenv("MPTRACE_STRICT", "1")
    with pytest.raises(ValueError, match="odd"):
        main([])


def test_reader_that_has_had_enough_is_no_error(tmp_path: Path) -> None:
    """A closed pipe ends a command quietly."""
    reader, writer = os.pipe()
    os.close(reader)
    assert written_to(writer, tmp_path) == (1, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_one_line(
    tmp_path: Path, unbuffered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is said once, by us, and not again by the interpreter at exit."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    full = os.open("/dev/full", os.O_WRONLY)
    assert written_to(full, tmp_path) == (1, "mptrace: error: cannot write to stdout: No space left on device\n")


def test_closed_output_is_no_error(tmp_path: Path) -> None:
    """Nobody wants to see it."""
    command = f"{sys.executable} -m mptrace explain >&-"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def written_to(descriptor: int, folder: Path) -> tuple[int, str]:
    """Return the exit status, and the standard error, of a command that writes to *descriptor*, which is closed."""
    command = [sys.executable, "-m", "mptrace", "--help"]
    try:
        done = subprocess.run(command, cwd=folder, stdout=descriptor, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(descriptor)
    return done.returncode, done.stderr


def test_commands_start_without_what_they_do_not_need() -> None:
    """Neither rich nor psutil is loaded to parse a command line or to list runs."""
    code = "import sys; from mptrace.commands import main; main(['list']); print({'rich', 'psutil'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
