"""``mptrace report``: what a run says about start-up, in words, as JSON, or as a page for a browser."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mptrace.commands import arguments

FORMS = ("text", "json", "html")


@click.command("report")
@arguments.runs_argument
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html"]), default="text", help="How it is written."
)
@arguments.output_option("Write to FILE instead of the standard output.")
def command(runs: Sequence[Path], form: str, output: Path | None) -> None:
    """Say where start-up time went in a run.

    RUN is a run's folder, several of them (also from other hosts), or nothing for the latest run in MPTRACE_DIR, or
    .mptrace.
    """
    trace = arguments.load(arguments.chosen_runs(runs))
    if form == "json":
        from mptrace.report.document import dumps

        text = dumps(trace)
    else:
        from mptrace.report.summary import summarize

        summary = summarize(trace)
        if form == "html":
            from mptrace.report.html import page

            text = page(trace, summary)
        else:
            from mptrace.report import terminal

            if output is None:
                terminal.show(summary, sys.stdout)
                return
            text = terminal.plain(summary)
    if output is None:
        click.echo(text, nl=False)
    else:
        arguments.write(output, text)
