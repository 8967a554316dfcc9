"""With MPTRACE_MEMORY, private and shared memory are read at the borders of phases."""

from itertools import pairwise
from pathlib import Path

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Trace
from tests.hosts import PROGRAMS, failures, run

TOUCHING = PROGRAMS / "memory" / "touching.py"


def trace_of(folder: Path, method: str, **env: str) -> Trace:
    """Return the trace of a child that touches 50 MB."""
    outcome = run(TOUCHING, traced=True, folder=folder, args=[method], env=env)
    assert (outcome.status, outcome.stdout, outcome.stderr) == (0, b"", b"")
    assert outcome.run
    assert failures(outcome.run) == []
    return load([outcome.run])


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_memory_is_read_as_a_process_begins_after_each_phase_and_at_its_end(method: str, tmp_path: Path) -> None:
    """What a child touches is private; what it was forked with is shared. Each reading is a span of ours."""
    child = next(process for process in trace_of(tmp_path, method, MPTRACE_MEMORY="1").processes if process.start)
    readings = [counter.values for counter in child.counters if counter.name == "memory"]
    # The interpreter was there before us.
    borders_ns = [phase.end_ns for phase in child.phases if phase.side == "child" and phase.name != "interpreter"]
    moments_ns = [counter.at_ns for counter in child.counters if counter.name == "memory"]
    assert moments_ns[0] < borders_ns[0]
    for border_ns, next_ns in pairwise([*borders_ns, child.last_ns]):
        assert any(border_ns <= at_ns <= next_ns for at_ns in moments_ns)
    assert all(reading.keys() == {"rss", "private", "shared"} for reading in readings)
    assert all(reading["private"] + reading["shared"] <= reading["rss"] for reading in readings)
    assert 45_000_000 < readings[-1]["private"] - readings[0]["private"] < 90_000_000
    assert readings[0]["shared"] > 1_000_000
    assert len([span for span in child.spans if span.name == "read memory"]) == len(readings)


@pytest.mark.parametrize("word", ["", "0", "off"])
def test_memory_is_not_read_unasked(word: str, tmp_path: Path) -> None:
    """Without the variable, no process reads it."""
    trace = trace_of(tmp_path, "fork", MPTRACE_MEMORY=word)
    assert not [counter for process in trace.processes for counter in process.counters if counter.name == "memory"]
