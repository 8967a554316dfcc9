"""``mptrace merge``: one file of a run, which Perfetto opens."""

from collections.abc import Sequence
from pathlib import Path

import click

from mptrace.commands import arguments


@click.command("merge")
@arguments.runs_argument
@arguments.output_option("The trace; a name that ends in .gz is compressed.", required=True)
def command(runs: Sequence[Path], output: Path) -> None:
    """Merge a run into one file, for Perfetto to open.

    The file is a Chrome trace: https://ui.perfetto.dev shows it, one group of tracks for each process.

    RUN is a run's folder, several of them (also from other hosts), or nothing for the latest run in MPTRACE_DIR, or
    .mptrace.
    """
    from mptrace.report.terminal import progress
    from mptrace.trace import chrome

    folders = arguments.chosen_runs(runs)
    with progress("merging") as advance:
        trace = arguments.load(folders, advance)
        chrome.export(trace, output)
    for warning in trace.warnings:
        click.echo(f"mptrace: warning: {warning}", err=True)
