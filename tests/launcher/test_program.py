"""What a PROGRAM on the command line is taken for."""

import sys
from pathlib import Path

import pytest

from mptrace.errors import CommandError
from mptrace.launcher.program import command_line


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_script_gets_this_interpreter() -> None:
    """A .py file is run by the Python that runs mptrace, with its arguments as they are."""
    Path("app.py").touch()
    assert command_line(["app.py", "-x", "--", "y"]) == [sys.executable, "app.py", "-x", "--", "y"]


def test_module_gets_this_interpreter() -> None:
    """-m MODULE is run by the Python that runs mptrace, also for a module of the working directory."""
    Path("app.py").touch()
    assert command_line(["-m", "app"]) == [sys.executable, "-m", "app"]
    assert command_line(["-m", "json.tool", "f"]) == [sys.executable, "-m", "json.tool", "f"]


def test_folder_with_main_is_a_script() -> None:
    """A folder that Python can run is given to Python."""
    Path("app").mkdir()
    Path("app/__main__.py").touch()
    assert command_line(["app"]) == [sys.executable, "app"]


def test_executable_stands_for_itself() -> None:
    """Anything else that can be executed is executed."""
    assert command_line(["sh", "-c", "true"]) == ["sh", "-c", "true"]


def test_module_is_looked_up_without_running_its_package() -> None:
    """Looking for a.b imports nothing: the host's code is the host's to run."""
    Path("loud").mkdir()
    Path("loud/__init__.py").write_text("raise SystemError")
    assert command_line(["-m", "loud.part"]) == [sys.executable, "-m", "loud.part"]


@pytest.mark.parametrize(
    ("words", "message", "status"),
    [
        (["no.py"], "there is no program 'no.py'", 1),
        (["no-such-program"], "there is no program 'no-such-program'", 1),
        (["./data"], "'./data' is not executable", 1),
        (["-m", "no_such_module"], "there is no module 'no_such_module'", 1),
        (["-m"], "-m needs the name of a module", 2),
        (["-m", ".app"], "'.app' is not the name of a module", 2),
        (["--loud", "x"], "PROGRAM cannot be '--loud': give a script, -m MODULE, or an executable", 2),
    ],
)
def test_what_cannot_run_is_said(words: list[str], message: str, status: int) -> None:
    """A program that does not exist is one line, and wrong usage has its own exit status."""
    Path("data").touch()
    with pytest.raises(CommandError) as caught:
        command_line(words)
    assert (str(caught.value), caught.value.status) == (message, status)
