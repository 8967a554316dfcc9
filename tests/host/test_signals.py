"""Signals of a host reach it, whatever code of ours they come upon."""

from pathlib import Path

import pytest

from tests.hosts import PROGRAMS, failures, run


def test_alarms_during_imports_reach_who_imports(tmp_path: Path) -> None:
    """A time-out that strikes in our code is neither lost nor taken for a failure of ours."""
    outcome = run(PROGRAMS / "alarmed.py", traced=True, folder=tmp_path, env={"MPTRACE_STRICT": ""})
    assert (outcome.stdout, outcome.stderr, outcome.status) == (b"enough lost 0\n", b"", 0)
    assert outcome.run
    assert failures(outcome.run) == []


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_signal_that_a_child_blocks_before_it_is_ready_waits(method: str, tmp_path: Path) -> None:
    """It does not go to a thread of ours that happens to take it."""
    outcome = run(PROGRAMS / "blocked_signals.py", traced=True, folder=tmp_path, args=[method])
    assert outcome.stdout == b"took SIGTERM\nexit status 0\n"
    assert outcome.status == 0
