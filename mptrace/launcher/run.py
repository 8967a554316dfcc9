"""Run a program with tracing on.

Launcher. The program is this process's child, with the same standard streams and in the same process group. It is
forked before the run's folder exists, because the folder is named for its pid, and waits for the folder before it
executes; so one folder serves everything below it, also where the program is a shell script that starts Pythons.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from mptrace.errors import CommandError
from mptrace.launcher.journal import LauncherJournal
from mptrace.launcher.sampler import Sampler
from mptrace.records import CHILD_END, END
from mptrace.runtime import config
from mptrace.runtime.run import create, describe

# The terminal sends these to the program as well: the launcher only waits for what the program makes of them.
WAITED_OUT = (signal.SIGINT, signal.SIGQUIT)
PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
# How long helper processes, such as the resource tracker, are given to end after the program.
GRACE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that is over. ``status`` is the program's exit status, 128+N after signal N."""

    folder: str
    status: int


def run(command: list[str], directory: str) -> Outcome:
    """Run *command* into a new run folder under *directory*. Raises CommandError when it cannot be started."""
    begin_ns = time.monotonic_ns()
    sys.stdout.flush()
    sys.stderr.flush()
    folder_reader, folder_writer = os.pipe()
    error_reader, error_writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(folder_writer)
        _become(command, folder_reader, error_writer)
    os.close(folder_reader)
    os.close(error_writer)
    with _signals_go_to(pid):
        try:
            folder, journal = _prepare(command, directory, pid, begin_ns)
            os.write(folder_writer, os.fsencode(folder))
        except OSError as error:
            os.close(folder_writer)  # which the child takes as: never mind
            os.waitpid(pid, 0)
            raise CommandError(f"cannot write to {directory!r}: {error.strerror}") from error
        os.close(folder_writer)
        with open(error_reader, "rb") as errors:
            failure = errors.read()
        if failure:
            os.waitpid(pid, 0)
            raise CommandError(f"cannot execute {command[0]!r}: {os.strerror(int(failure))}")
        return Outcome(folder, _watch(pid, folder, journal))


def _prepare(command: list[str], directory: str, pid: int, begin_ns: int) -> tuple[str, LauncherJournal]:
    """Make the run's folder, and all that is to be in it before the program begins."""
    folder = create(directory, pid)
    describe(folder, command)
    journal = LauncherJournal(folder)
    journal.begin(pid, command, begin_ns)
    return folder, journal


def _become(command: list[str], folder_reader: int, error_writer: int) -> NoReturn:
    """In the child: wait for the run's folder, then turn into the program."""
    try:
        with open(folder_reader, "rb") as reader:
            folder = os.fsdecode(reader.read())
        if folder:
            os.environ[config.MPTRACE] = "1"
            os.environ[config.RUN] = folder
            # This interpreter ignores them; a program expects to begin with what the shell gave it.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            os.execvp(command[0], command)
    except OSError as error:
        os.write(error_writer, str(error.errno).encode())
    finally:
        os._exit(127)


def _watch(pid: int, folder: str, journal: LauncherJournal) -> int:
    """Sample the run until the program has ended; return its exit status as a shell gives it."""
    sampler = Sampler(folder, journal)
    sampler.start()
    returncode = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    end_ns = time.monotonic_ns()
    sampler.stop(GRACE_SECONDS)
    # The disk may be full by now, or the folder gone: the program's status is what counts.
    with suppress(OSError):
        journal.write(CHILD_END, end_ns, pid, returncode)
        journal.write(END, time.monotonic_ns(), None, journal.records, sampler.sampling_ns)
        journal.close()
    return returncode if returncode >= 0 else 128 - returncode


@contextmanager
def _signals_go_to(pid: int) -> Iterator[None]:
    """Leave Ctrl-C to the program, and pass on to it what only the launcher was sent."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    def wait(_number: int, _frame: FrameType | None) -> None:
        pass

    before = {number: signal.signal(number, wait) for number in WAITED_OUT}
    before |= {number: signal.signal(number, pass_on) for number in PASSED_ON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
