"""Real programs, each with a planted cause, in which its rule finds it; and clean ones, in which none finds anything.

The line that a finding should name ends with ``# HERE``.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

import mptrace
from mptrace.analysis.findings import find
from mptrace.analysis.findings.model import Finding
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, run

TRUTH = PROGRAMS / "truth"
STATEMENTS = Path(mptrace.__file__).with_name("runtime") / "statements.py"
MS = 1_000_000
# Others that work on this machine can only add to what was planted: the quietest of so many attempts counts.
ATTEMPTS = 6


class Planted(NamedTuple):
    """A rule, what it is to say, and the cost of the cause, where that is known."""

    rule: str
    severity: str = "warning"
    cost_ms: float | None = None


PLANTED = [
    Planted("unguarded-main", "error"),
    Planted("main-reexecuted", cost_ms=600),
    Planted("heavy-statement", cost_ms=600),
    Planted("repeated-import", cost_ms=600),
    Planted("late-import", cost_ms=600),
    Planted("large-payload"),
    Planted("process-churn"),
    Planted("killed-before-ready", "error"),
    Planted("missing-bytecode"),
    Planted("slow-filesystem", cost_ms=600),
    Planted("serial-start"),
    Planted("oversubscribed-start", ""),  # on a busy machine others take the CPUs as well, which is a note
]


def found(folder: Path, program: Path, *args: str) -> list[Finding]:
    """Run *program* with tracing on, and return what is found."""
    folder.mkdir()
    outcome = run(program, traced=True, folder=folder, args=args, env={"MPTRACE_STATEMENTS": "main"})
    assert outcome.run
    return find(load([outcome.run]))


def planted_line(program: Path) -> int | None:
    """Return the line that is the cause."""
    lines = program.read_text().splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.endswith("# HERE")), None)


@pytest.mark.once
@pytest.mark.quiet
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.rule)
def test_planted_cause_is_found(tmp_path: Path, planted: Planted) -> None:
    """By its rule, at its line, for what it costs."""
    if planted.rule == "heavy-statement" and not STATEMENTS.exists():
        pytest.skip("the runtime does not record statements yet")
    program = TRUTH / f"{planted.rule.replace('-', '_')}.py"
    line = planted_line(program)
    findings: list[Finding] = []
    for attempt in range(ATTEMPTS):
        these = [finding for finding in found(tmp_path / str(attempt), program) if finding.rule == planted.rule]
        assert len(these) <= 1, "one cause, one finding"
        findings += these
        if these and (planted.cost_ms is None or these[0].cost_ns <= planted.cost_ms * 1.15 * MS):
            break
    assert findings
    finding = findings[-1]
    assert finding.severity == (planted.severity or finding.severity)
    if line:
        assert (str(program), line) in [tuple(place) for place in finding.where]
    if planted.cost_ms:
        assert planted.cost_ms * MS <= finding.cost_ns <= planted.cost_ms * 1.15 * MS


@pytest.mark.once
@pytest.mark.quiet
@pytest.mark.parametrize("kind", ["process", "pool", "executor"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_clean_program_is_not_blamed(tmp_path: Path, method: str, kind: str) -> None:
    """Neither warnings nor errors, whatever else the machine does."""
    findings = found(tmp_path / "run", TRUTH / "clean.py", method, kind)
    assert [finding for finding in findings if finding.severity != "note"] == []
