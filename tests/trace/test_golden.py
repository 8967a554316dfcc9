"""Runs kept as files, and the traces they make, byte for byte. `python -m tests.trace.test_golden` writes them anew."""

import io
from pathlib import Path

import pytest

from mptrace.trace import chrome
from mptrace.trace.merge import load
from mptrace.trace.model import Trace

GOLDEN = Path(__file__).parents[1] / "golden"
RUNS = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
WARNINGS = {
    "torn": [
        "torn/201-1.journal: torn tail: its last line was cut short",
        "torn/202-2.journal: torn line: what it said is lost",
        "torn/202-2.journal: unknown kind of record 'future'",
    ],
}


def text_of(trace: Trace) -> str:
    """Return the exported file."""
    stream = io.StringIO()
    chrome.write(trace, stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", RUNS)
def test_run_makes_the_same_trace_as_ever(name: str) -> None:
    """The trace is the one that is kept beside the journals."""
    trace = load([GOLDEN / name])
    assert text_of(trace) == (GOLDEN / name / "trace.json").read_text(encoding="utf-8")
    assert list(trace.warnings) == WARNINGS.get(name, [])


def test_every_warning_expected_is_of_a_run_that_exists() -> None:
    """The table above names runs that are there."""
    assert WARNINGS.keys() <= set(RUNS)
    assert {"forkserver", "killed", "torn"} <= set(RUNS)


if __name__ == "__main__":
    for run in RUNS:
        (GOLDEN / run / "trace.json").write_text(text_of(load([GOLDEN / run])), encoding="utf-8")
