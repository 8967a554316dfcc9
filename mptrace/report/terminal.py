"""A summary, drawn with rich for a terminal, or as plain text for anything else.

Offline. Words from a trace are only words: neither rich's markup nor a terminal's codes in them mean anything here.
"""

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from mptrace.report.summary import Group, Slowest, Summary
from mptrace.report.words import counted, duration, percent, visible

WIDTH = 80
STYLE: Any = {"highlight": False, "markup": False, "emoji": False}
Advance = Callable[[int, int], None]


def show(summary: Summary, stream: TextIO) -> None:
    """Draw on a terminal; write plain text to anything else, or where NO_COLOR is set."""
    console = Console(file=stream, **STYLE)
    if stream.isatty() and not console.no_color:
        draw(summary, console)
    else:
        stream.write(plain(summary))


def plain(summary: Summary) -> str:
    """Return what draw() draws as text, without colour and without blanks at the ends of lines."""
    text = io.StringIO()
    draw(summary, Console(file=text, width=WIDTH, color_system=None, **STYLE))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def draw(summary: Summary, console: Console) -> None:
    """Draw the whole report."""
    console.print(_text(summary.program, "bold"))
    for fact in summary.facts:
        console.print(_text(fact))
    _draw_groups(console, summary.groups)
    if summary.slowest:
        _draw_phases(console, summary.slowest)
    _draw_modules(console, summary)
    _draw_locks(console, summary)
    if summary.troubles:
        _heading(console, "What is missing, or went wrong")
        table = Table.grid(padding=(0, 1, 0, 0))
        for trouble in summary.troubles:
            table.add_row("-", _text(trouble))
        console.print(table)
    console.print()
    console.print(_text(f"Cost of tracing: {summary.overhead}.", "dim"))


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """Show a progress bar on stderr, if that is a terminal, for work that tells how much of it is done."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(what, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


def _text(words: str, style: str = "") -> Text:
    return Text(visible(words), style=style)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(_text(text, "bold"))


def _table(*columns: str, gap: int = 2) -> Table:
    """Return a table whose columns are named as given; a name that begins with > is set to the right."""
    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, header_style="dim")
    for name in columns:
        is_number = name.startswith(">")
        table.add_column(name.lstrip(">"), justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return table


def _draw_groups(console: Console, groups: Sequence[Group]) -> None:
    _heading(console, "How long each kind of process took to be ready")
    # Close together, so that the longest role and the longest phase still fit one line.
    table = _table("role", "method", ">count", ">median", ">worst", "longest phases, on average", gap=1)
    for group in groups:
        times = _or_dash(group.median_ms), _or_dash(group.worst_ms)
        phases = [_text(f"{name} {duration(wall_ms)}") for name, wall_ms in group.phases]
        table.add_row(*map(_text, (group.role, group.start_method, str(group.count), *times)), Text("\n").join(phases))
    console.print(table)
    console.print(_text("Ready: at the target's first line, counted from start() in the parent.", "dim"))


def _draw_phases(console: Console, slowest: Slowest) -> None:
    _heading(
        console,
        f"The slowest of them: {slowest.name} (pid {slowest.pid}), ready after {duration(slowest.ready_ms)}",
    )
    table = _table("phase", "in the", ">wall", ">CPU", ">share")
    for phase in slowest.phases:
        row = phase.name, phase.side, duration(phase.wall_ms), duration(phase.cpu_ms), percent(phase.share)
        table.add_row(*map(_text, row))
    console.print(table)


def _draw_modules(console: Console, summary: Summary) -> None:
    if not summary.modules:
        return
    _heading(console, "Most expensive imports, all processes together")
    table = _table("module", ">processes", ">itself", ">with what it imports")
    for line in summary.modules:
        row = line.module, str(line.processes), duration(line.self_ms), duration(line.cumulative_ms)
        table.add_row(*map(_text, row))
    console.print(table)
    if summary.more_modules:
        console.print(_text(f"and {counted(summary.more_modules, 'module')} more", "dim"))


def _draw_locks(console: Console, summary: Summary) -> None:
    if not summary.locks:
        return
    _heading(console, "Waits for locks")
    table = _table("lock", "process", ">waited", "held by")
    for line in summary.locks:
        table.add_row(*map(_text, (line.lock, line.process, duration(line.waited_ms), line.holder)))
    console.print(table)


def _or_dash(wall_ms: float | None) -> str:
    return "-" if wall_ms is None else duration(wall_ms)
