"""Real programs that start children of every kind: the report explains each of them, in 80 columns."""

from pathlib import Path

import pytest

from mptrace.analysis.phases import start_ups
from mptrace.analysis.reasons import reasons
from mptrace.report.document import document
from mptrace.report.summary import summarize
from mptrace.report.terminal import WIDTH, plain
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, run

CHILDREN = {"process", "pool-worker", "executor-worker", "manager"}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_every_child_is_explained(method: str, tmp_path: Path) -> None:
    """Each kind of child has a line, each child's reasons add up, and the slowest is drawn phase by phase."""
    outcome = run(PROGRAMS / "report" / "kinds.py", traced=True, folder=tmp_path, args=[method])
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    trace = load([outcome.run])
    ready = [way for way in start_ups(trace) if way.process.start and way.path]
    for way in ready:
        assert sum(reason.wall_ns for reason in reasons(way)) == way.time_to_ready_ns
    for process in document(trace)["processes"]:
        assert sum(reason["wall_ms"] for reason in process["reasons"]) == pytest.approx(process["ready_ms"] or 0, abs=1)
    summary = summarize(trace)
    assert {group.role for group in summary.groups if group.start_method == method} == CHILDREN
    assert summary.slowest
    assert len(summary.slowest.rows) >= 2
    text = plain(summary)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert f"The slowest child: {summary.slowest.name}" in text
