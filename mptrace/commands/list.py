"""``mptrace list``: the runs that are here."""

import os
import time
from pathlib import Path

import click

from mptrace.commands import arguments
from mptrace.records import RUN_FILE, SUFFIX
from mptrace.report.words import duration, program
from mptrace.trace.reader import Warnings
from mptrace.trace.run_file import read_run


@click.command("list")
def command() -> int:
    """List the runs that are here, the newest first.

    Here is MPTRACE_DIR, or .mptrace. Runs that mptrace's own commands made, because MPTRACE=1 was set for them too,
    are left out.
    """
    directory = arguments.runs_directory()
    lines = [_line(folder) for folder in arguments.stored_runs(directory)]
    if not lines:
        click.echo(f"No runs in {directory}.")
        return 0
    click.echo(f"{'run':<26} {'began':<19} {'processes':>9} {'duration':>10}  program")
    for line in lines:
        click.echo(line)
    return 0


def _line(folder: Path) -> str:
    """Say what can be known of a run without reading its journals: files' times say when it began and last wrote."""
    written = _written(folder)
    pids = {name.partition("-")[0] for name in written} - {f"launcher{SUFFIX}", RUN_FILE}
    began = written.get(RUN_FILE) or folder.lstat().st_mtime
    wall_ms = max(written.values(), default=began) * 1e3 - began * 1e3
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(began))
    argv = read_run(folder, Warnings()).get("argv")
    return f"{folder.name:<26} {when:<19} {len(pids):>9} {duration(wall_ms):>10}  {program(argv)}"


def _written(folder: Path) -> dict[str, float]:
    """Return when each file of a run was last written. Links, pipes and folders are none of it, as for the reader."""
    try:
        with os.scandir(folder) as found:
            return {
                entry.name: entry.stat(follow_symlinks=False).st_mtime
                for entry in found
                if entry.name.endswith((SUFFIX, RUN_FILE)) and entry.is_file(follow_symlinks=False)
            }
    except PermissionError:
        return {}  # of another user's run, in a folder that both share, no more is known than that it is here
