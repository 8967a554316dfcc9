"""What a process is, and what people call it."""

import pytest

from mptrace.trace.model import Role, Start, StartMethod
from mptrace.trace.roles import Traits, name, program, role, signal_name, start_method

TRACKER = ("python", "-c", "from multiprocessing.resource_tracker import main;main(5)")
LOKY_TRACKER = ("python", "-c", "from joblib.externals.loky.backend.resource_tracker import main; main(3, False)")
SERVER = ("python", "-c", "import sys; from multiprocessing.forkserver import main; main(3)")
SPAWNED = ("python", "-c", "from multiprocessing.spawn import spawn_main; spawn_main()", "--multiprocessing-fork")


def traits(
    *argv: str, start: Start | None = None, is_forked: bool = False, said: str = "", parent: Role | None = "main"
) -> Traits:
    """Return what is known of a process; it is a root if it has no parent."""
    return Traits(argv or ("python", "app.py"), is_forked, start, said, parent, is_root=parent is None)


def started(target: str = "app:work", method: str = "spawn") -> Start:
    """Return a call of start()."""
    return Start("Process-1", method, target, 1, 0, 10, 101)


@pytest.mark.parametrize(
    ("known", "what", "how", "called"),
    [
        (traits(parent=None), "main", "root", "app.py"),
        (traits("python", "-m", "tool"), "subprocess", "subprocess", "-m tool"),
        (traits(*TRACKER), "resource-tracker", "subprocess", "resource tracker"),
        (traits(*LOKY_TRACKER), "resource-tracker", "subprocess", "resource tracker"),
        (traits(*SERVER), "forkserver", "subprocess", "forkserver"),
        (traits(*TRACKER, parent=None), "resource-tracker", "subprocess", "resource tracker"),
        (traits(is_forked=True), "process", "fork", "app.py"),
        (traits(*SERVER, is_forked=True, parent="forkserver"), "process", "forkserver", "-c"),
        (traits(*TRACKER, is_forked=True), "process", "fork", "-c"),
        (traits(*SPAWNED), "process", "spawn", "-c"),
        (traits(*SPAWNED, said="SpawnProcess-3"), "process", "spawn", "SpawnProcess-3"),
        (traits(start=started()), "process", "spawn", "Process-1"),
        (traits(start=started(method="fork"), is_forked=True), "process", "fork", "Process-1"),
        (traits(start=started(method="loky")), "process", "subprocess", "Process-1"),
        (traits(start=started("multiprocessing.pool:worker")), "pool-worker", "spawn", "Process-1"),
        (traits(start=started("concurrent.futures.process:_process_worker")), "executor-worker", "spawn", "Process-1"),
        (traits(start=started("multiprocessing.managers:BaseManager._run_server")), "manager", "spawn", "Process-1"),
    ],
)
def test_role_start_method_and_name(known: Traits, what: Role, how: StartMethod, called: str) -> None:
    """A helper is known by its command line, a child by its start(), the rest by what they run."""
    its_role = role(known)
    assert (its_role, start_method(known), name(known, its_role)) == (what, how, called)


@pytest.mark.parametrize(
    ("command", "short"),
    [
        ("python app.py x", "app.py"),
        ("/usr/bin/python /srv/app/run.py", "run.py"),
        ("python -m pkg.tool -v", "-m pkg.tool"),
        ("python -mpkg", "-m pkg"),
        ("python -Im pkg", "-m pkg"),
        ("python -c code app.py", "-c"),
        ("python -Bc code", "-c"),
        ("python -W error -X dev -u app.py", "app.py"),
        ("python -Werror -Xdev app.py", "app.py"),
        ("python --check-hash-based-pycs always app.py", "app.py"),
        ("python --version", "python"),
        ("python -", "-"),
        ("/usr/bin/python3.13", "python3.13"),
        ("python /srv/app/", "app"),
        ("python /", "python"),
        ("python -m", "-m"),
        ("/usr/bin/uwsgi --processes 2 app.ini", "uwsgi"),
        ("/usr/bin/python3-dbg app.py", "app.py"),
    ],
)
def test_program_is_short(command: str, short: str) -> None:
    """A command line is called by its script or module; never by a path."""
    assert program(command.split(" ")) == short


def test_program_without_a_command_line_has_a_name() -> None:
    """An embedded interpreter may have no command line at all."""
    assert program([]) == "python"


def test_signals_are_called_by_name() -> None:
    """A signal that the system has no name for is called by its number."""
    assert (signal_name(9), signal_name(99)) == ("SIGKILL", "signal 99")
