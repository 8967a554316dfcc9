"""What of run.json can be used is; what cannot is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from mptrace.report import document, html, summary
from mptrace.trace.merge import load
from tests.journals import RunFolder

RUN: dict[str, Any] = {
    "schema": 1,
    "id": "run",
    "mptrace": "0.1.0",
    "argv": ["python", "app.py"],
    "cwd": "/src",
    "python": "3.13.0",
    "executable": "/usr/bin/python",
    "host": "alpha",
    "boot_id": "a-b",
    "realtime_ns": 5,
    "monotonic_ns": 5,
    "boottime_ns": 5,
    "cpus": 4,
    "affinity": 2,
    "cgroup": ["0::/"],
    "limits": ["Limit"],
    "spans": ["app:work"],
    "dont_write_bytecode": False,
    "cpu_quota": {"quota_us": 50_000, "period_us": 100_000, "cgroup": "/"},
}
VALUES: tuple[Any, ...] = (
    None, True, -1, 1.5, 0, "x", "", [], [1], [None], [["x"]], ["x"], {}, {"quota_us": "a", "period_us": "b"},
    {"quota_us": None, "period_us": 5}, {"period_us": 5}, {"quota_us": 5, "period_us": 0},
)  # fmt: skip


@pytest.mark.parametrize("name", RUN)
def test_any_value_leaves_a_report(tmp_path: Path, name: str) -> None:
    """The run is read all the same, and the file named where a value could not be used."""
    for number, value in enumerate(VALUES):
        run = RunFolder(tmp_path / f"{number}" / "run", {**RUN, name: value})
        run.process(100).imports("json", 1, 2).ends(9)
        trace = load([run.write()])
        told = [] if name in trace.run else [f"run/run.json: is not as mptrace writes it, and was read without: {name}"]
        assert list(trace.warnings) == told
        summarized = summary.summarize(trace)
        assert told == [trouble for trouble in summarized.troubles if "run.json" in trouble]
        json.loads(document.dumps(trace))
        html.page(trace, summarized)


def test_sound_values_are_kept(tmp_path: Path) -> None:
    """Those that a later mptrace may add too."""
    run = RunFolder(tmp_path, {**RUN, "added": [{}]})
    run.process(100).ends(9)
    trace = load([run.write()])
    assert trace.run == {**RUN, "added": [{}]}
    assert list(trace.warnings) == []


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    """Not one for each value."""
    run = RunFolder(tmp_path / "run", {**RUN, "cpus": "4", "argv": None, "host": ["alpha"]})
    run.process(100).ends(9)
    trace = load([run.write()])
    assert trace.run["affinity"] == 2
    assert list(trace.warnings) == ["run/run.json: is not as mptrace writes it, and was read without: host, cpus, argv"]
