"""A summary, drawn with rich for a terminal, or as plain text for anything else.

Offline. Words from a trace are only words: neither rich's markup nor a terminal's codes in them mean anything here.
"""

import io
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from mptrace.analysis.findings.model import Severity
from mptrace.report.loading import ImportTree, StatementLine
from mptrace.report.phrases import NEVER_READY, NO_FINDINGS, READY, inside_name, phase_share, went_into
from mptrace.report.start_ups import Group, Row, Waterfall
from mptrace.report.summary import Summary
from mptrace.report.words import PHASES, counted, cut, duration, percent, visible

WIDTH = 80
MARGIN = 2
ITEM = "- "
BAR = 25
NAMED = 32  # what stands in the place of a phase's name, side and begin
STYLE: Any = {"highlight": False, "markup": False, "emoji": False}
SEVERITY_STYLES: Mapping[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "bold"}
Advance = Callable[[int, int], None]


def show(summary: Summary, stream: TextIO) -> None:
    """Draw on a terminal; write plain text to anything else, or where NO_COLOR is set."""
    console = Console(file=stream, **STYLE)
    if stream.isatty() and not console.no_color:
        draw(summary, console)
    else:
        stream.write(plain(summary, console.width if stream.isatty() else WIDTH))


def plain(summary: Summary, width: int = WIDTH) -> str:
    """Return what draw() draws as text, without colour and without blanks at the ends of lines."""
    text = io.StringIO()
    draw(summary, Console(file=text, width=width, color_system=None, **STYLE))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def draw(summary: Summary, console: Console) -> None:
    """Draw the whole report."""
    console.print(_text(summary.program, "bold"))
    for fact in summary.facts:
        console.print(_text(fact))
    _draw_findings(console, summary)
    _draw_groups(console, summary.groups, summary.creations)
    if summary.slowest:
        _draw_waterfall(console, summary.slowest)
    _draw_statements(console, summary.statements)
    for tree in summary.trees:
        _draw_tree(console, tree)
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


def _draw_findings(console: Console, summary: Summary) -> None:
    if not summary.findings:
        console.print()
        console.print(_text(NO_FINDINGS))
        return
    _heading(console, "What could be better")
    for finding in summary.findings:
        console.print()
        console.print(_text(f"{finding.severity}: ", SEVERITY_STYLES[finding.severity]) + _text(finding.title, "bold"))
        lines = [finding.cost, *(f"at {place}" for place in finding.where)]
        lines += [*(f"{ITEM}{evidence}" for evidence in finding.evidence), "Remedy:", *finding.remedy]
        lines += [finding.predicted] if finding.predicted else []
        for each in lines:
            console.print(Padding(Text("\n").join(map(Text, _folded(each, console.width - MARGIN))), (0, 0, 0, MARGIN)))
    console.print()
    if summary.more_findings:
        console.print(_text(f"and {counted(summary.more_findings, 'finding')} more", "dim"))
    console.print(_text("mptrace explain RULE tells more.", "dim"))


def _folded(line: str, width: int) -> list[str]:
    """Return a line cut to *width*, with what goes on set in: below the words of a list's item, deeper in code."""
    indent = len(line) - len(line.lstrip())
    hanging = indent + MARGIN if indent else len(ITEM) * line.startswith(ITEM)
    return textwrap.wrap(visible(line), width, subsequent_indent=" " * hanging, break_on_hyphens=False) or [""]


def _draw_groups(console: Console, groups: Sequence[Group], creations: Sequence[str]) -> None:
    if not groups:
        return
    _heading(console, "How long children took to be ready")
    console.print(_text(READY, "dim"))
    # Close together, so that the longest role and the longest phase still fit one line.
    table = _table("role", "method", ">count", ">median", ">worst", "dearest phases", gap=1)
    for group in groups:
        times = _or_dash(group.median_ms), _or_dash(group.worst_ms)
        phases = [_text(phase_share(phase)) for phase in group.phases]
        table.add_row(*map(_text, (group.role, group.start_method, str(group.count), *times)), Text("\n").join(phases))
    console.print(table)
    shown = {phase.name for group in groups for phase in group.phases}
    meanings = Table.grid(padding=(0, 1, 0, 0))
    for name in (name for name in PHASES if name in shown):
        meanings.add_row(_text(f"{name}:", "dim"), _text(PHASES[name], "dim"))
    console.print(meanings)
    if not all(group.ready for group in groups):
        console.print(_text(NEVER_READY, "dim"))
    for line in creations:
        console.print(_text(line))


def _draw_waterfall(console: Console, waterfall: Waterfall) -> None:
    _heading(
        console,
        f"The slowest child: {waterfall.name} (pid {waterfall.pid}), ready after {duration(waterfall.ready_ms)}",
    )
    console.print(_text(_line("phase", "in the", "begins", "wall", "CPU", f"start(){'ready':>{BAR - 7}}"), "dim"))
    for row in waterfall.rows:
        times = duration(row.begin_ms), duration(row.wall_ms), duration(row.cpu_ms)
        console.print(_text(_line(row.name, row.side, *times, _bar(row, waterfall.ready_ms))))
        for inside in row.inside:
            name = cut(inside_name(inside, row.inside), NAMED)
            console.print(_text(f"  {name:<{NAMED}} {duration(inside.wall_ms):>9}", "dim"))
    went = ", ".join(map(went_into, waterfall.kinds))
    console.print(
        _text(f"Explained: {percent(waterfall.explained)} of the time is in these phases. It went into {went}.")
    )
    if any("-" in _bar(row, waterfall.ready_ms) for row in waterfall.rows):
        console.print(_text("# is what counts for the time to ready, - goes on beside it.", "dim"))


def _line(name: str, side: str, begin: str, wall: str, cpu: str, bar: str) -> str:
    return f"{name:<17} {side:<6} {begin:>9} {wall:>9} {cpu:>9} {bar}".rstrip()


def _bar(row: Row, ready_ms: float) -> str:
    """Return a phase on a scale of BAR letters: # where it counts for the time to ready, - elsewhere."""
    bar = [" "] * BAR
    for letter, intervals in (("-", [(row.begin_ms, row.begin_ms + row.wall_ms)]), ("#", row.counted)):
        for begin_ms, end_ms in intervals:
            first = max(0, min(BAR - 1, round(begin_ms / ready_ms * BAR)))
            last = max(first + 1, min(BAR, round(end_ms / ready_ms * BAR)))
            bar[first:last] = letter * (last - first)
    return "".join(bar)


def _draw_statements(console: Console, statements: Sequence[StatementLine]) -> None:
    if not statements:
        return
    _heading(console, "Most expensive statements at the top level of modules")
    table = _table("statement", ">processes", ">worst", ">together")
    for line in statements:
        row = f"{line.place} {line.source}", str(line.processes), duration(line.worst_ms), duration(line.total_ms)
        table.add_row(*map(_text, row))
    console.print(table)


def _draw_tree(console: Console, tree: ImportTree) -> None:
    _heading(console, tree.title)
    table = _table("module", "asked for at", ">in", ">median", ">worst", ">together", gap=1)
    for line in tree.lines:
        times = duration(line.median_ms), duration(line.worst_ms), duration(line.total_ms)
        row = " " * line.depth + line.name, line.asked_at, str(line.processes), *times
        table.add_row(*map(_text, row))
    console.print(table)
    if tree.omitted:
        console.print(_text(f"and {counted(tree.omitted, 'module')} that took little", "dim"))


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
