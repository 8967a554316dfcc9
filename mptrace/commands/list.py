"""``mptrace list``: the runs that are here."""

import time
from pathlib import Path

import click

from mptrace.commands import arguments
from mptrace.records import RUN_FILE, SUFFIX
from mptrace.report.words import duration, program
from mptrace.trace.reader import Warnings, read_run


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
    journals = list(folder.glob(f"*{SUFFIX}"))
    pids = {path.name.partition("-")[0] for path in journals} - {f"launcher{SUFFIX}"}
    began = (folder / RUN_FILE if (folder / RUN_FILE).exists() else folder).stat().st_mtime
    wall_ms = max([path.stat().st_mtime for path in journals], default=began) * 1e3 - began * 1e3
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(began))
    argv = read_run(folder, Warnings()).get("argv")
    return f"{folder.name:<26} {when:<19} {len(pids):>9} {duration(wall_ms):>10}  {program(argv)}"
