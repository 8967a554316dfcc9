"""How the report looks."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from mptrace.report.found import FindingLine
from mptrace.report.start_ups import Group, Inside, KindShare, PhaseShare, Row, Waterfall
from mptrace.report.summary import LockLine, summarize
from mptrace.report.terminal import draw, plain, show
from tests.report.examples import example, process

EXPECTED = """\
python3 app.py
run 20260102T030405Z-10, host vm, Python 3.13.0
3 processes on 2 CPUs in 2,000 ms

What could be better

warning: app.py is run again by 2 children
  460.0 ms in 2 processes [main-reexecuted]
  at app:1
  - 230.0 ms in each child, before its target can be found
  - import pandas: 220.0 ms in each
  Remedy:
  Move these lines under the guard, or into the function that needs them, or
  keep the functions of the children in a module of its own:
      if __name__ == "__main__":
          main()
  Predicted: 440.0 ms less with nothing but definitions at the top level.

mptrace explain RULE tells more.

How long children took to be ready
Time to ready: from the call of start() in the parent to the first line of the
target in the child. It is made up of phases; the dearest are named, with their
share.
role    method count   median    worst dearest phases
process spawn      2 250.0 ms 400.0 ms main-module 92%
                                       interpreter 8%
interpreter: Python itself starts in the child
main-module: the child runs the main script; one of multiprocessing runs it
             again, as __mp_main__

The slowest child: Process-12 (pid 12), ready after 400.0 ms
phase             in the    begins      wall       CPU start()             ready
interpreter       child     0.0 ms   20.0 ms   10.0 ms #
main-module       child    20.0 ms  380.0 ms  190.0 ms  ########################
  import pandas                     370.0 ms
Explained: 100% of the time is in these phases. It went into imports 92%, other
work about 4%, not running about 4%.

Imports of 2 children before ready
module asked for at in   median    worst together
pandas app:1         2 220.0 ms 370.0 ms 440.0 ms
 .core app:1         2  20.0 ms  20.0 ms  40.0 ms

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


def test_narrow_terminal_without_colour_is_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR says nothing of its width."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "xterm")
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    show(summarize(example()), stream)
    assert max(map(len, stream.getvalue().splitlines())) <= 50


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


def test_what_goes_on_beside_is_drawn_so() -> None:
    """A phase that the child did not wait for is drawn with dashes, and the dashes are explained."""
    rows = [
        Row("send", "parent", 1.0, 79.0, 0.5, [(1.0, 20.0)], []),
        Row(
            "site",
            "child",
            20.0,
            80.0,
            50.0,
            [(20.0, 100.0)],
            [Inside("import", "x" * 50, 30.0), Inside("import", "", 1.5, count=2)],
        ),
        Row("bootstrap", "child", 100.0, 0.0, 0.0, [], [Inside("gc", "", 12.0, count=3)]),
    ]
    kinds = [KindShare("lock", 0.75, is_measured=True)]
    text = plain(replace(summarize(example()), trees=[], slowest=Waterfall("P", 7, 100.0, 0.995, rows, kinds)))
    assert text[text.index("The slowest") : text.index("\nMost")] == WATERFALL
    assert max(map(len, text.splitlines())) <= 80


WATERFALL = """\
The slowest child: P (pid 7), ready after 100.0 ms
phase             in the    begins      wall       CPU start()             ready
send              parent    1.0 ms   79.0 ms    0.5 ms #####---------------
site              child    20.0 ms   80.0 ms   50.0 ms      ####################
  import xxxxxxxxxxxxxxxxxxxxxx...   30.0 ms
  2 more imports                      1.5 ms
bootstrap         child   100.0 ms    0.0 ms    0.0 ms                         -
  3 garbage collections              12.0 ms
Explained: 99.5% of the time is in these phases. It went into waits for locks
75%.
# is what counts for the time to ready, - goes on beside it.
"""


def test_longest_words_fit() -> None:
    """The longest role, method, phase and times stand in one line of 80 columns."""
    shares = [PhaseShare("before-fork-hooks", 1.0, 1.0)]
    group = Group("resource-tracker", "forkserver", 10000, 10000, 9999.0, 123456.0, shares)
    text = plain(replace(summarize(example()), groups=[group]))
    assert "resource-tracker forkserver 10000 9,999 ms 123.5 s before-fork-hooks 100%\n" in text


def test_without_children_nothing_is_said_of_them() -> None:
    """A program that starts nothing has neither a table of children nor a slowest one."""
    text = plain(replace(summarize(example()), findings=[], groups=[], trees=[], slowest=None))
    assert "ready" not in text.partition("Most expensive")[0]


def test_nothing_found_is_said() -> None:
    """In one line, or nobody could tell it from a report without rules."""
    text = plain(replace(summarize(example()), findings=[]))
    assert "\n\nNo rule found anything to report.\n\n" in text
    assert "mptrace explain" not in text


def test_what_was_created_is_told_with_the_children() -> None:
    """It is a part of why they took as long as they did."""
    text = plain(replace(summarize(example()), creations=["MainProcess spent 4.1 ms creating 8 Locks"]))
    assert "\nMainProcess spent 4.1 ms creating 8 Locks\n" in text.partition("The slowest child")[0]


def test_group_that_is_never_ready_has_dashes() -> None:
    """Its times are not known, those of its phases are; time in no phase is called so."""
    shares = [PhaseShare("interpreter", 12.0, None), PhaseShare("", 3.0, None)]
    group = Group("forkserver", "subprocess", 1, 0, None, None, shares)
    text = plain(replace(summarize(example()), groups=[group]))
    assert "forkserver subprocess     1      -     - interpreter 12.0 ms\n" in text
    assert "in no phase 3.0 ms\n" in text
    assert "Without a time: it never said that it was ready.\n" in text


def test_what_does_not_fit_a_line_goes_on_set_in() -> None:
    """Below the words of a list's item, and deeper in code, of which a name stays whole."""
    long = FindingLine(
        severity="note",
        title="t",
        cost="c",
        where=[],
        evidence=[" ".join(["evidence"] * 9)],
        remedy=[f"    preload([{', '.join(['package.module'] * 5)}])"],
        predicted="",
    )
    lines = plain(replace(summarize(example()), findings=[long])).splitlines()
    assert "  - evidence evidence evidence evidence evidence evidence evidence evidence" in lines
    assert "    evidence" in lines
    assert "      preload([package.module, package.module, package.module, package.module," in lines
    assert "        package.module])" in lines
