"""The command line: one file per subcommand, and the table that names them.

Offline. Subcommands, and what they draw with, are loaded when they are asked for. Only main() turns an exception into
an exit status.
"""

import os
import sys
from collections.abc import Sequence
from errno import EDQUOT, EFBIG, ENOSPC
from importlib import import_module

import click

from mptrace.errors import CommandError, MptraceError
from mptrace.runtime import config
from mptrace.runtime.run import VERSION

COMMANDS = {
    "run": "mptrace.commands.run",
    "merge": "mptrace.commands.merge",
    "report": "mptrace.commands.report",
    "explain": "mptrace.commands.explain",
    "list": "mptrace.commands.list",
    "doctor": "mptrace.commands.doctor",
}
NO_ROOM = (ENOSPC, EDQUOT, EFBIG)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, message="%(prog)s %(version)s")
@click.pass_context
def mptrace(context: click.Context) -> None:
    """Show where start-up time goes in Python programs that start processes."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    if sys.stdout is None:
        # Closed by the shell (>&-): whatever prints would fail for want of a stream.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
    if hasattr(sys.stdout, "reconfigure"):
        # Paths and arguments may hold bytes that no encoding has a character for.
        sys.stdout.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _load(words)
        status = mptrace.main(args=words, prog_name="mptrace", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has had enough. click, too, says 1 where it is the one to notice.
        _give_up_output()
        return 1
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Exception as error:
        if config.is_strict():
            raise
        _give_up_output()
        message, status = _explained(error)
        click.echo(f"mptrace: error: {' '.join(message.split())}", err=True)
    return int(status or 0)


def _give_up_output() -> None:
    """Let go of what cannot be written: the interpreter would try again at exit, and complain in its own words."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _load(words: Sequence[str]) -> None:
    """Load the subcommand that is asked for, or all of them where help or a correction is needed."""
    for name in words[:1] if words and words[0] in COMMANDS else COMMANDS:
        mptrace.add_command(import_module(COMMANDS[name]).command)


def _explained(error: Exception) -> tuple[str, int]:
    """Return what to say about an exception, and the exit status."""
    if isinstance(error, CommandError):
        return str(error), error.status
    if isinstance(error, MptraceError):
        return str(error), 1
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "mptrace"
        return f"{error.format_message()} See {path} --help.", 2
    if isinstance(error, click.ClickException):
        return error.format_message(), 1
    if isinstance(error, OSError):
        if error.errno in NO_ROOM and not error.filename:
            return f"cannot write to stdout: {error.strerror}", 1  # every other file is named by who writes it
        return f"{error.filename}: {error.strerror}" if error.filename else str(error), 1
    name = type(error).__name__
    return f"a defect in mptrace itself ({name}: {error}); with {config.STRICT}=1 it shows where", 1
