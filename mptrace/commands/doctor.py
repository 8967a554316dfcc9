"""``mptrace doctor``: is activation working in this environment, and if not, why."""

import os
import site
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from mptrace.commands import arguments
from mptrace.errors import MptraceError
from mptrace.records import SUFFIX
from mptrace.runtime import config
from mptrace.trace import settings

PATH_FILE = "a0_mptrace.pth"
CHILD_SECONDS = 30


@click.command("doctor")
def command() -> int:
    """Check whether MPTRACE=1 works here, and if not, why.

    It looks at the Python that mptrace is installed in. One line for each check, and for each word in a variable of
    mptrace's that means nothing; the exit status is 1 if there is a problem.
    """
    click.echo(f"Python {sys.version.split()[0]}, {sys.executable}")
    problems = 0
    for check in CHECKS:
        try:
            click.echo(f"ok: {check()}")
        except MptraceError as problem:
            problems += 1
            click.echo(f"problem: {problem}")
    for trouble in settings.troubles(_environment()):
        problems += 1
        click.echo(f"problem: {trouble}")
    return 1 if problems else 0


def _path_file() -> str:
    """Look for the line that turns tracing on, where `site` looks."""
    if sys.flags.no_site:
        raise MptraceError("this Python runs with -S, which ignores .pth files; run it without")
    found = [folder for folder in _site_folders() if (Path(folder) / PATH_FILE).is_file()]
    if found:
        return f"{PATH_FILE} is in {found[0]}"
    user = site.getusersitepackages()
    if (Path(user) / PATH_FILE).is_file():
        raise MptraceError(
            f"{PATH_FILE} is in {user}, which this Python does not read; install mptrace in its own site-packages"
        )
    raise MptraceError(
        f"{PATH_FILE} is in no site-packages of this Python; install mptrace with `{sys.executable} -m pip install "
        "mptrace`, or put sitecustomize_example on PYTHONPATH"
    )


def _site_folders() -> Iterator[str]:
    yield from site.getsitepackages()
    if site.ENABLE_USER_SITE:
        yield site.getusersitepackages()


def _child() -> str:
    """Start a Python with MPTRACE=1 and see whether it keeps a journal."""
    with tempfile.TemporaryDirectory(prefix="mptrace-doctor-") as folder:
        environment = {**os.environ, config.MPTRACE: "1", config.DIRECTORY: folder}
        environment.pop(config.RUN, None)
        try:
            child = subprocess.run(
                [sys.executable, "-c", ""],
                env=environment,
                cwd=folder,
                capture_output=True,
                timeout=CHILD_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise MptraceError(f"a child with {config.MPTRACE}=1 did not end in {CHILD_SECONDS} s") from None
        if any(Path(folder).glob(f"*/*{SUFFIX}")):
            return f"a child with {config.MPTRACE}=1 keeps a journal"
    said = child.stderr.decode("utf-8", "replace").strip().splitlines()
    because = f": {said[-1]}" if said else ""
    raise MptraceError(f"a child with {config.MPTRACE}=1 keeps no journal{because}; put the other problems right first")


def _switch() -> str:
    """Read MPTRACE as the runtime does."""
    said = _environment().get(config.MPTRACE)
    if said is None:
        return f"{config.MPTRACE} is not set; set it to 1 to trace, or use `mptrace run`"
    word = said.strip().lower()
    if word not in config.ON + config.OFF:
        raise MptraceError(f"{config.MPTRACE}={said} is neither on nor off, so tracing is off; set it to 1 or 0")
    return f"{config.MPTRACE}={said}: tracing is {'on' if word in config.ON else 'off'}"


def _directory() -> str:
    """Look at the folder that runs are written to, or at the one it will be made in."""
    directory = arguments.runs_directory().absolute()
    if directory.exists() and not directory.is_dir():
        raise MptraceError(f"{directory} is not a folder; set {config.DIRECTORY} to one")
    folder = next(path for path in (directory, *directory.parents) if path.exists())
    try:
        # Tried, because permissions do not tell everything: a disk is full, a file system is read-only.
        os.rmdir(tempfile.mkdtemp(prefix=".mptrace-doctor-", dir=folder))
    except OSError as error:
        why = error.strerror
        raise MptraceError(
            f"{folder} cannot be written to ({why}); set {config.DIRECTORY} to another folder"
        ) from error
    if folder.stat().st_mode & 0o1002 == 0o002:
        raise MptraceError(
            f"anybody may rename what is in {folder}; `chmod o-w` it, or set {config.DIRECTORY} to a folder of yours"
        )
    return f"runs are written to {directory}"


def _inherited_run() -> str:
    """See whether a run is passed on to every process that this environment starts."""
    run = _environment().get(config.RUN)
    if not run:
        return f"{config.RUN} is not set, as it should be outside of a run"
    try:
        config.check_private(run)
    except OSError as error:
        raise MptraceError(
            f"{config.RUN}={run} cannot be used ({error.strerror}), so nothing is traced; unset it"
        ) from error
    root = run.rpartition("-")[2]
    if not root.isdecimal() or not _is_alive(int(root)):
        raise MptraceError(
            f"{config.RUN}={run} is of a run that is over; unset it, or new processes are added to that run"
        )
    return f"{config.RUN} is of a run that is going on"


def _environment() -> dict[str, str]:
    """Return the environment that this process began with: our own boot may have changed what os.environ says."""
    try:
        variables = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(os.environ)
    return {name: value for name, _, value in (os.fsdecode(variable).partition("=") for variable in variables)}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


CHECKS: tuple[Callable[[], str], ...] = (_path_file, _child, _switch, _directory, _inherited_run)
