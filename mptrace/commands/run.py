"""``mptrace run``: run a program with tracing on, and say what was seen."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from mptrace.commands import arguments
from mptrace.errors import MptraceError
from mptrace.launcher.journal import NAME


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option(
    "--dir", "directory", metavar="DIR", help="The folder that holds the runs; .mptrace if MPTRACE_DIR is unset."
)
@arguments.output_option("Write the merged trace too, as `mptrace merge -o` does.")
@click.option("--quiet", is_flag=True, help="Print no report.")
@click.argument("words", metavar="[--] PROGRAM [ARGS]...", nargs=-1, required=True, type=click.UNPROCESSED)
def command(directory: str | None, output: Path | None, quiet: bool, words: Sequence[str]) -> int:
    """Run PROGRAM with tracing on, then print the report.

    PROGRAM is a Python script, `-m MODULE`, or any executable. Every Python process below it is traced. The exit
    status is that of PROGRAM, or 128+N after signal N. The report goes to the standard error, because the standard
    output is PROGRAM's.
    """
    from mptrace.launcher.program import command_line
    from mptrace.launcher.run import run

    outcome = run(command_line(words), directory or str(arguments.runs_directory()))
    try:
        _show(Path(outcome.folder), output, quiet)
    except (MptraceError, OSError) as error:
        # The program has run, and its status stands. The journals are there to try again with.
        click.echo(f"mptrace: warning: {error}", err=True)
    return outcome.status


def _show(folder: Path, output: Path | None, quiet: bool) -> None:
    from mptrace.report import terminal
    from mptrace.report.summary import summarize
    from mptrace.trace import chrome, reader

    if [path.name for path in reader.find_journals(folder)] == [NAME]:
        raise MptraceError(NOBODY.format(folder=folder))
    if quiet and not output:
        return
    trace = arguments.load([folder])
    if output:
        chrome.export(trace, output)
    if not quiet:
        terminal.show(summarize(trace), sys.stderr)


NOBODY = (
    "no Python process reported to {folder}. Either PROGRAM started none, or the Python it started has no mptrace "
    "(see `mptrace doctor`), ran with -S, or did not inherit the environment variables"
)
