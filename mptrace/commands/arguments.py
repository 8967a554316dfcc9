"""The arguments that several subcommands share, and how they find and load a run.

Offline. A run made by one of mptrace's own commands (MPTRACE=1 is set for the whole shell) is never taken for the
latest one, nor listed: nobody asked for it. It can still be named.
"""

import gc
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mptrace.errors import CommandError
from mptrace.records import RUN_FILE
from mptrace.runtime import config
from mptrace.trace.reader import Warnings
from mptrace.trace.run_file import read_run

if TYPE_CHECKING:
    from mptrace.trace.model import Trace

RUN_NAME = re.compile(r"\d{8}T\d{6}Z-\d+")

Function = TypeVar("Function", bound=Callable[..., Any])


def writable_file(value: str) -> Path:
    """Return the path of a file to be written. What will not work is found out before any work is done."""
    path = Path(value)
    if path.is_dir():
        raise CommandError(f"cannot write to {value!r}: it is a folder")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        why = "you may not write there" if path.parent.is_dir() else f"there is no folder {str(path.parent)!r}"
        raise CommandError(f"cannot write to {value!r}: {why}")
    return path


def write(path: Path, text: str) -> None:
    """Write *text* to the file that was asked for. Raises CommandError, which names it: an OSError may not."""
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise CommandError(f"cannot write to {str(path)!r}: {error.strerror}") from error


runs_argument = click.argument("runs", metavar="[RUN]...", nargs=-1, type=click.Path(path_type=Path))


def output_option(help_text: str, *, required: bool = False) -> Callable[[Function], Function]:
    """Return the option -o, for a command that may, or must, write a file."""
    return click.option("-o", "--output", metavar="FILE", type=writable_file, required=required, help=help_text)


def runs_directory() -> Path:
    """Return the folder that holds the runs of this working directory."""
    return Path(os.environ.get(config.DIRECTORY) or config.DEFAULT_DIRECTORY)


def chosen_runs(runs: Sequence[Path]) -> Sequence[Path]:
    """Return the folders of the runs that were named, or that of the latest run."""
    if runs:
        return runs
    directory = runs_directory()
    latest = next(stored_runs(directory), None)
    if latest is None:
        raise CommandError(
            f"there is no run in {str(directory)!r}: make one with `mptrace run -- PROGRAM`, or name a run's folder"
        )
    return [latest]


def load(folders: Sequence[Path], progress: Callable[[int, int], None] | None = None) -> "Trace":
    """Return the trace of the runs in *folders*, for as long as the command lasts. Raises MptraceError."""
    from mptrace.trace import merge

    # A million events, none in a cycle: collections, of which there are some at exit too, need not look at them. The
    # first of them would come as soon as the load lets the collector go on.
    gc.disable()
    try:
        trace = merge.load(folders, progress)
        gc.freeze()
    finally:
        gc.enable()
    return trace


def stored_runs(directory: Path) -> Iterator[Path]:
    """Yield the folders of the runs in *directory*, the newest first, without those of mptrace's own commands."""
    if not directory.is_dir():
        return
    # `latest` is passed over, like every other link: the run that it points to is here too.
    folders = [path for path in directory.iterdir() if RUN_NAME.fullmatch(path.name) and not path.is_symlink()]
    for folder in sorted(folders, key=_begun, reverse=True):
        if not _is_own(read_run(folder, Warnings()).get("argv")):
            yield folder


def _begun(folder: Path) -> tuple[str, int]:
    """Return when a run began. Its name says the second; run.json is written in the same moment, to the nanosecond."""
    try:
        return folder.name.partition("-")[0], (folder / RUN_FILE).stat().st_mtime_ns
    except OSError:
        return folder.name.partition("-")[0], 0


def _is_own(argv: Any) -> bool:
    """Return whether *argv* runs mptrace itself: python, its options, then the console script or -m mptrace."""
    if not isinstance(argv, list):
        return False
    words = [str(word) for word in argv[1:]]
    while words and words[0].startswith("-") and words[0] != "-m":
        words.pop(0)
    return words[:2] == ["-m", "mptrace"] or os.path.basename("".join(words[:1])) == "mptrace"
