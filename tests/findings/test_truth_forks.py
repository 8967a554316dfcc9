"""Real programs that fork, preload and share, each with a planted cause, in which its rule finds it.

The line that a finding should name ends with ``# HERE``. A program prints how long its cause took, in nanoseconds a
line, so that a busy machine makes no difference: both were measured at once.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from mptrace.analysis.facts import Place
from mptrace.analysis.findings import find
from mptrace.analysis.findings.model import Finding
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, failures, run

TRUTH = PROGRAMS / "truth"
SITE = TRUTH / "planted" / "site"
MS = 1_000_000
TOLERANCE = 0.15
ATTEMPTS = 4


class Planted(NamedTuple):
    """A rule, and what it is to say; ``is_timed`` where the program says what its cause cost."""

    rule: str
    severity: str = "warning"
    is_timed: bool = True


PLANTED = [
    Planted("fork-with-threads", is_timed=False),
    Planted("slow-fork-hook"),
    Planted("large-fork"),
    Planted("copy-on-write"),
    Planted("ineffective-preload"),
    Planted("manager-start", "note"),
    Planted("implicit-start-method", "note", is_timed=False),
]


def found(folder: Path, rule: str, **env: str) -> tuple[list[Finding], int]:
    """Run the program planted for *rule*; return its findings, and the cost that the program measured itself."""
    folder.mkdir()
    outcome = run(program_of(rule), traced=True, folder=folder, env=env)
    assert outcome.run
    assert (outcome.status, failures(outcome.run)) == (0, []), outcome.stderr.decode()
    return find(load([outcome.run])), sum(map(int, outcome.stdout.split()))


def program_of(rule: str) -> Path:
    """Return the program planted for *rule*."""
    return TRUTH / f"{rule.replace('-', '_')}.py"


def planted_place(file: Path) -> Place:
    """Return the line that is the cause."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return Place(str(file), next(number for number, line in enumerate(lines, 1) if line.endswith("# HERE")))


@pytest.mark.once
@pytest.mark.quiet
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.rule)
def test_planted_cause_is_found(tmp_path: Path, planted: Planted) -> None:
    """By its rule, once, at its line, for what it cost."""
    place = planted_place(program_of(planted.rule))
    for attempt in range(ATTEMPTS):
        findings, cost_ns = found(tmp_path / str(attempt), planted.rule)
        [finding] = [finding for finding in findings if finding.rule == planted.rule]
        assert finding.severity == planted.severity
        assert finding.where[0].line == place.line
        assert finding.where[0].file in (place.file, "__main__")
        if not planted.is_timed or abs(finding.cost_ns - cost_ns) <= TOLERANCE * cost_ns:
            return
    assert not planted.is_timed, f"{finding.cost_ns / MS} ms are not {cost_ns / MS} ms"


@pytest.mark.once
@pytest.mark.quiet
def test_slow_sitecustomize_is_found(tmp_path: Path) -> None:
    """What it imported is named. The quietest of a few attempts counts, since noise only adds."""
    expected_ns = cost_ns = 0
    for attempt in range(ATTEMPTS):
        findings, _ = found(tmp_path / str(attempt), "slow-site", PYTHONPATH=str(SITE))
        [finding] = [finding for finding in findings if finding.rule == "slow-site"]
        assert finding.where == [Place("sitecustomize", planted_place(SITE / "sitecustomize.py").line)]
        assert finding.evidence[1].startswith("what was imported there: slow_agent")
        assert len(finding.pids) == 3  # two children, and the resource tracker
        expected_ns, cost_ns = 200 * MS * len(finding.pids), finding.cost_ns
        if cost_ns <= expected_ns * (1 + TOLERANCE):
            break
    assert expected_ns <= cost_ns <= expected_ns * (1 + TOLERANCE)
