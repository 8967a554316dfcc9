"""Children that say themselves when they are ready: all of the way to there is explained."""

from pathlib import Path

import pytest

from mptrace.analysis.phases import StartUp, start_ups
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, failures, run

DECLARED = PROGRAMS / "phases" / "declared.py"
MS = 1_000_000


def declared(how: str, folder: Path, **env: str) -> tuple[StartUp, int]:
    """Start such a child, and return how it came up, and when it says that it was ready."""
    outcome = run(DECLARED, traced=True, folder=folder, args=[how], env=env)
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert failures(outcome.run) == []
    pid, said_ns = map(int, outcome.stdout.split()[:2])
    trace = load([outcome.run])
    (way,) = [way for way in start_ups(trace) if way.process.os_pid == pid]
    return way, said_ns - trace.origin_ns


@pytest.mark.parametrize(
    ("how", "phase"),
    [
        ("subprocess", "main-module"),
        ("os.fork", "bootstrap"),
        ("os.fork in spawn", "bootstrap"),
        ("os.fork in forkserver", "bootstrap"),
        ("fork", "initializer"),
        ("spawn", "initializer"),
        ("forkserver", "initializer"),
        ("Pool", "initializer"),
    ],
)
def test_phases_explain_the_way_to_where_the_child_says_that_it_is_ready(how: str, phase: str, tmp_path: Path) -> None:
    """What it does on its own has a phase, up to the first call of ready()."""
    way, said_ns = declared(how, tmp_path)
    assert way.ready_ns is not None
    assert 0 <= way.ready_ns - said_ns < 20 * MS
    assert way.explained is not None
    assert way.explained >= 0.99
    last = max(way.phases, key=lambda each: each.begin_ns)
    assert last.name == phase
    assert last.end_ns == way.ready_ns
    assert last.end_ns - last.begin_ns >= 50 * MS


def test_child_that_says_so_in_its_main_module_is_ready_there(tmp_path: Path) -> None:
    """It is on its way still, in the phase that it is in."""
    way, said_ns = declared("spawn", tmp_path, EARLY="1")
    assert way.ready_ns is not None
    assert 0 <= way.ready_ns - said_ns < 20 * MS
    assert way.explained is not None
    assert way.explained >= 0.99
    assert next(phase for phase in way.phases if phase.end_ns == way.ready_ns).name == "main-module"
