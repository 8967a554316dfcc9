"""What a process says of its own end by os._exit()."""

from pathlib import Path

import pytest

from mptrace.trace.merge import load
from tests.hosts import failures, run


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ("3", 3, 3),
        ("signal.SIGTERM", 15, 15),
        ("True", 1, 1),
        ("type('Code', (int,), {'__index__': None, '__repr__': None})(4)", 4, 4),
        ("type('Code', (), {'__index__': lambda _: 5})()", 5, None),
    ],
)
def test_status_is_recorded_as_a_number(status: str, code: int, told: int | None, tmp_path: Path) -> None:
    """A number by any other name is one; what only stands for a number is not asked which."""
    outcome = run(["-c", f"import os, signal; os._exit({status})"], traced=True, folder=tmp_path)
    assert (outcome.status, outcome.stdout, outcome.stderr) == (code, b"", b"")
    assert outcome.run
    assert failures(outcome.run) == []
    trace = load([outcome.run])
    assert trace.warnings == []
    assert [process.end.status for process in trace.processes] == [told]
