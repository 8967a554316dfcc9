"""How the report looks."""

import io
from dataclasses import replace

from rich.console import Console

from mptrace.report.summary import LockLine, summarize
from mptrace.report.terminal import draw, plain, show
from tests.report.examples import example, process

EXPECTED = """\
python3 app.py
run 20260102T030405Z-10, host vm, Python 3.13.0
3 processes on 2 CPUs in 2,000 ms

How long each kind of process took to be ready
role    method count   median    worst longest phases, on average
main    root       1        -        -
process spawn      2 250.0 ms 400.0 ms main-module 230.0 ms
                                       interpreter 20.0 ms
Ready: at the target's first line, counted from start() in the parent.

The slowest of them: Process-12 (pid 12), ready after 400.0 ms
phase        in the      wall       CPU  share
interpreter  child    20.0 ms   10.0 ms     5%
main-module  child   380.0 ms  190.0 ms    95%

Most expensive imports, all processes together
module       processes    itself  with what it imports
pandas               2  400.0 ms              440.0 ms
pandas.core          2   40.0 ms               40.0 ms
json                 1    5.0 ms                5.0 ms

What is missing, or went wrong
- never reported: pid 13, it was killed by signal 9
- Process-12 (pid 12): killed by SIGKILL
- 10-1.journal: torn tail

Cost of tracing: 30 records, 2.0 ms to begin in each process, 7.0 ms in all.
"""


def test_report_as_text() -> None:
    """The whole report fits 80 columns, without colour and without blanks at the ends of lines."""
    assert plain(summarize(example())) == EXPECTED


def test_anything_but_a_terminal_gets_plain_text() -> None:
    """A pipe or file gets neither colours nor other codes."""
    stream = io.StringIO()
    show(summarize(example()), stream)
    assert stream.getvalue() == EXPECTED


def test_a_terminal_gets_styles() -> None:
    """Headings stand out where that can be shown."""
    stream = io.StringIO()
    draw(summarize(example()), Console(file=stream, force_terminal=True, width=80))
    assert "\x1b[1mpython3 app.py\x1b[0m" in stream.getvalue()


def test_names_are_only_words() -> None:
    """Neither rich's markup nor codes of a terminal are acted on."""
    trace = replace(example(), processes=[process(10, "[red]\x1b[2J", role="main")], warnings=["[bold]x"])
    text = plain(replace(summarize(trace), program="[red]\x1b[2J"))
    assert text.startswith("[red]?[2J\n")
    assert "- [bold]x" in text


def test_locks_are_drawn() -> None:
    """Each wait says for what, where, how long, and who held it."""
    locks = [LockLine("logging root", "Process-1", 12.5, "thread 7")]
    assert (
        "Waits for locks\nlock          process     waited  held by\nlogging root  Process-1  12.5 ms  thread 7\n"
    ) in plain(replace(summarize(example()), locks=locks))


def test_modules_that_are_not_shown_are_counted() -> None:
    """Nothing is silently missing from a table."""
    assert "\nand 3 modules more\n" in plain(replace(summarize(example()), more_modules=3))
