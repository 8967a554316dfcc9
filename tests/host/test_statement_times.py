"""The time of each top-level statement, in planted programs that measure by themselves what they planted where.

Every syntactic form, run as a program's main module and as that of a spawned child. Noise of the machine only adds,
between our clock and the program's: the closest of a few runs counts.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from mptrace.analysis.statements import own_times
from mptrace.trace import merge
from tests.hosts import PROGRAMS, failures, run

FOLDER = PROGRAMS / "statements"
SUPPORT = ("child", "failing_module", "slow_module", "slow_other", "stopwatch")
PLANTED = [path for path in sorted(FOLDER.glob("*.py")) if path.stem not in SUPPORT]
ATTEMPTS = 12
SHARE = 0.03
LEAST_MS = 0.5

pytestmark = [
    pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="statements are timed from Python 3.12 on"),
    pytest.mark.quiet,
]


def planted_lines(program: Path) -> dict[str, int]:
    """Return the line that each letter marks."""
    lines = program.read_bytes().splitlines()
    marks = ((re.search(rb"# \[(\w)\]$", line), number) for number, line in enumerate(lines, start=1))
    return {mark[1].decode(): number for mark, number in marks if mark}


def differences(program: Path, folder: Path, *, as_child: bool) -> list[str]:
    """Run *program* and return the statements whose reported time is not what was measured inside them."""
    took = folder / "took"
    started, args = (FOLDER / "child.py", [str(program)]) if as_child else (program, [])
    outcome = run(started, traced=True, folder=folder, args=args, env={"TOOK": str(took)})
    assert outcome.run
    assert failures(outcome.run) == []
    by_pid = {told["pid"]: told["took"] for told in map(json.loads, took.read_text().splitlines())}
    trace = merge.load([outcome.run])
    measured = next(process for process in trace.processes if process.os_pid in by_pid)
    reported: Counter[int] = Counter()
    open_lines = set()
    for span, own_ns in own_times(measured):
        if Path(span.args["file"]) == program:
            reported[span.args["line"]] += own_ns
            if span.end_ns is None:
                open_lines.add(span.args["line"])
    planted = [(letter, line, by_pid[measured.os_pid][letter]) for letter, line in planted_lines(program).items()]
    return [
        f"[{letter}] took {ns / 1e6:.3f} ms, reported {reported[line] / 1e6:.3f} ms"
        for letter, line, ns in planted
        if abs(reported[line] - ns) > max(SHARE * ns, LEAST_MS * 1e6)
        and not (
            # It ended the program, and nobody saw when: it is shown as unfinished.
            line in open_lines and reported[line] > ns
        )
    ]


@pytest.mark.parametrize("as_child", [False, True], ids=["main", "child"])
@pytest.mark.parametrize("program", PLANTED, ids=lambda path: path.stem)
def test_each_statement_takes_what_was_planted_in_it(tmp_path: Path, program: Path, as_child: bool) -> None:
    """A statement's reported time is what was measured inside it, within 3 % or 0.5 ms."""
    found: list[str] = []
    for attempt in range(ATTEMPTS):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        found = differences(program, folder, as_child=as_child)
        if not found:
            return
    pytest.fail("\n".join(found))


def test_there_are_thirty_programs() -> None:
    """Every syntactic form has its program."""
    assert len(PLANTED) >= 30
