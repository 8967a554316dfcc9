"""What a program is called, whether it is a Python, and whether a process is still the program that it was."""

import pytest

from mptrace.trace import programs

PYTHON = "/usr/bin/python3.13"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["ls"], "ls"),
        (["/bin/ls", "-l", "/etc/hosts"], "ls hosts"),
        (["ls", "-l"], "ls -l"),
        (["/bin/sh", "-c", "exit 3"], "sh exit 3"),
        (["git", "status"], "git status"),
        ([PYTHON, "-u", "app/worker.py", "7"], "python3.13 worker.py"),
        (["python", "-m", "http.server"], "python -m http.server"),
        (["python", "-c", "import this"], "python -c"),
        (["cat", "a\nb " + 60 * "x"], "cat a b " + 31 * "x" + "…"),
        (["cat", "/"], "cat /"),
        (["python"], "python"),
        ([], "program"),
    ],
)
def test_label_is_the_name_and_what_it_was_given_first(argv: list[str], expected: str) -> None:
    """A program is called by its name and its first argument, an option only where there is nothing else."""
    assert programs.label("", argv) == expected


def test_label_names_what_was_executed() -> None:
    """The executable counts, not what the program is made to believe it is called."""
    assert programs.label("/bin/busybox", ["ls", "/tmp"]) == "busybox tmp"


@pytest.mark.parametrize(
    ("program", "argv", "expected"),
    [
        ("python", ["python", "app.py"], True),
        ("/usr/bin/python3.13t", ["python", "app.py"], True),
        ("/opt/pypy3", ["pypy3"], True),
        ("python", ["python", "-S", "app.py"], True),
        ("python", ["python", "app.py", "--version"], True),
        ("python", ["python", "-c", "-V"], True),
        ("python", ["python", "--version"], False),
        ("python", ["python", "-VV"], False),
        ("python", ["python", "-h"], False),
        ("ipython", ["ipython"], False),
        ("python3-config", ["python3-config", "--libs"], False),
        ("/usr/bin/env", ["env", "python"], False),
    ],
)
def test_python_is_known_by_its_name(program: str, argv: list[str], expected: bool) -> None:
    """A Python that is given something to do is expected to report; one that prints its version is not."""
    assert programs.is_python(program, argv) is expected


@pytest.mark.parametrize(
    ("program", "argv", "image", "expected"),
    [
        (PYTHON, [PYTHON, "-c", "pass"], [PYTHON, "-c", "pass"], True),
        # What was recorded is shortened: in words and in letters.
        (PYTHON, [PYTHON, "-c", 40 * "x"], [PYTHON, "-c", 50 * "x", "more"], True),
        # A script, executed by the kernel with the interpreter of its first line.
        ("./app.py", ["./app.py", "7"], [PYTHON, "./app.py", "7"], True),
        ("./app.py", ["./app.py", "7"], [PYTHON, "-u", "./app.py", "7"], True),
        # By way of another program: env, a shell, a launcher.
        ("./app.py", ["./app.py", "7"], ["python3", "./app.py", "7"], False),
        ("/bin/sh", ["/bin/sh", "-c", "exec python app.py"], ["python", "app.py"], False),
        ("/bin/sh", ["/bin/sh", "run.sh"], [PYTHON, "run.py"], False),
        (PYTHON, [PYTHON, "first.py"], [PYTHON, "second.py"], False),
        (PYTHON, [], [PYTHON], False),
        (PYTHON, [PYTHON], [], False),
    ],
)
def test_process_is_known_by_its_command_line(program: str, argv: list[str], image: list[str], expected: bool) -> None:
    """Where the command line is another one, the process has run another program in between."""
    assert programs.is_same(program, argv, image) is expected
