"""Signals of a host reach it, whatever code of ours they come upon."""

from pathlib import Path

from tests.hosts import PROGRAMS, failures, run


def test_alarms_during_imports_reach_who_imports(tmp_path: Path) -> None:
    """A time-out that strikes in our code is neither lost nor taken for a failure of ours."""
    outcome = run(PROGRAMS / "alarmed.py", traced=True, folder=tmp_path, env={"MPTRACE_STRICT": ""})
    assert (outcome.stdout, outcome.stderr, outcome.status) == (b"enough lost 0\n", b"", 0)
    assert outcome.run
    assert failures(outcome.run) == []
