"""Programs with a planted cause: what a finding must say of it.

Serves the truth suite. A program prints what its cause cost, by its own clocks, in nanoseconds a line, so that a busy
machine makes no difference: both were measured at once. One that prints nothing costs nothing. The lines that the
finding must name first end with ``# HERE``; where there are none, the finding names none.
"""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mptrace.analysis.facts import Place
from mptrace.analysis.findings import find
from mptrace.analysis.findings.model import Finding
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, failures, run

TRUTH = PROGRAMS / "truth"
MS = 1_000_000
TOLERANCE = 0.15
# What others do on this machine comes between the program's clock and ours now and then: one of so many is quiet.
ATTEMPTS = 6


class Planted(NamedTuple):
    """A rule and what it is to say of its program: how severe, and in title or evidence the parts in ``says``.

    ``severity`` is "" where it depends on what else the machine does. ``free_of_cost`` says why there is no cost, for
    a rule that has none; any other must cost what the program printed.
    """

    rule: str
    severity: str = "warning"
    says: tuple[str, ...] = ()
    free_of_cost: str = ""
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    cause: str = ""

    @property
    def program(self) -> Path:
        """The program with the cause: that of the rule, unless ``cause`` names another rule's."""
        return TRUTH / f"{(self.cause or self.rule).replace('-', '_')}.py"


def findings(folder: Path, program: Path, **options: Any) -> tuple[list[Finding], int]:
    """Run *program* with tracing on; return what is found, and what it printed that its cause cost."""
    folder.mkdir()
    outcome = run(program, traced=True, folder=folder, **options)
    assert outcome.run
    assert (outcome.status, failures(outcome.run)) == (0, []), (failures(outcome.run), outcome.stderr.decode())
    return find(load([outcome.run])), sum(map(int, outcome.stdout.split()))


def places(file: Path, name: str = "") -> list[Place]:
    """Return the lines of *file* that are the cause; *name* is how findings call it where that is not its path."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [Place(name or str(file), number) for number, line in enumerate(lines, 1) if line.endswith("# HERE")]


def judge(planted: Planted, folder: Path, where: list[Place] | None = None, **options: Any) -> None:
    """Fail unless the cause is found by its rule, once, at its place, for what it cost.

    The rule and the cost may need a quiet moment; what a finding says of the cause must always be right.
    """
    options = {"args": planted.args, "env": dict(planted.env)} | options
    expected = places(planted.program) if where is None else where
    costs = []
    for attempt in range(ATTEMPTS):
        found, cost_ns = findings(folder / str(attempt), planted.program, **options)
        assert bool(cost_ns) != bool(planted.free_of_cost), f"the program measured {cost_ns} ns"
        these = [finding for finding in found if finding.rule == planted.rule]
        assert len(these) <= 1, "one cause, one finding"
        for finding in these:
            assert finding.severity == (planted.severity or finding.severity)
            assert finding.where[: len(expected) or None] == expected
            assert [part for part in planted.says if not any(part in text for text in _texts(finding))] == []
        costs.append(f"{sum(finding.cost_ns for finding in these) / MS if these else None} for {cost_ns / MS} ms")
        if these and abs(these[0].cost_ns - cost_ns) <= TOLERANCE * cost_ns:
            print(f"truth: {planted.rule}: {costs}")
            return
    pytest.fail(f"{planted.rule} found {costs}")


def _texts(finding: Finding) -> list[str]:
    return [finding.title, *finding.evidence]
