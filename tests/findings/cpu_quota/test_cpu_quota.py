"""A CPU quota that holds up the start."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mptrace.analysis.facts import Place
from mptrace.analysis.findings.model import Finding
from tests.findings.children import CALL, spawned
from tests.findings.fixtures import findings
from tests.journals import MS, RunFolder

HALF = {"quota_us": 50_000, "period_us": 100_000, "cgroup": "/sys/fs/cgroup"}


def throttled(tmp_path: Path, periods: int, count: int, quota: Mapping[str, Any] | None = HALF) -> RunFolder:
    """Tell of two children that start at a time, in so many periods of the quota, so many of which were throttled.

    The cgroup had been counting long before, and goes on after.
    """
    run = RunFolder(tmp_path, {"schema": 1, "argv": ["python", "app.py"], "cpus": 8, "cpu_quota": quota})
    parent = run.process(100)
    parent.counter("throttling", 1, periods=1000, throttled=500, throttled_ns=9_000 * MS)
    for pid, begin in ((101, 10), (102, 20)):
        child = spawned(run, parent, pid, begin)
        child.counter("throttling", begin + 15, periods=1000, throttled=500, throttled_ns=9_000 * MS)
        child.ready(590 + begin)
        counts = {"periods": 1000 + periods, "throttled": 500 + count, "throttled_ns": (9_000 + 40 * count) * MS}
        child.counter("throttling", 590 + begin, **counts)
    parent.counter("throttling", 5000, periods=2000, throttled=1500, throttled_ns=99_000 * MS).ends(5000)
    return run


def test_quota_is_used_up_while_children_start(tmp_path: Path) -> None:
    """What was counted before the start and after it does not count."""
    assert findings(throttled(tmp_path, 6, 5), "cpu-quota") == [
        Finding(
            rule="cpu-quota",
            title="the CPU quota held up the start of 2 processes",
            severity="warning",
            cost_ns=200 * MS,
            pids=[101, 102],
            where=[Place(*CALL)],
            evidence=[
                "the quota is 0.5 CPUs (50,000 of each 100,000 microseconds); os.cpu_count() says 8",
                "periods throttled while they started: 5 of 6, 83%",
                "not allowed to run for 200.0 ms, added up over CPUs",
            ],
            remedy=("Make no more workers than the quota has CPUs, or raise the quota:\n    multiprocessing.Pool(1)"),
        )
    ]


def test_nobody_is_held_up_for_longer_than_it_takes(tmp_path: Path) -> None:
    """Each CPU counts on its own."""
    assert [finding.cost_ns for finding in findings(throttled(tmp_path, 99, 90), "cpu-quota")] == [600 * MS]


def test_what_was_throttled_before_the_start_is_no_cost_of_it(tmp_path: Path) -> None:
    """The parent worked for 9 s, held up for 4; between two samples the counts are taken to have grown evenly.

    So 45 ms of that are the start's, which began 100 ms before the child said what it had found, and 90 of its own.
    """
    run = RunFolder(tmp_path, {"schema": 1, "argv": ["python", "app.py"], "cpus": 8, "cpu_quota": HALF})
    parent = run.process(100)
    parent.counter("throttling", 0, periods=0, throttled=0, throttled_ns=0)
    child = spawned(run, parent, 101, 9_000)
    child.counter("throttling", 9_100, periods=91, throttled=45, throttled_ns=4_095 * MS)
    child.ready(9_300).counter("throttling", 9_300, periods=93, throttled=47, throttled_ns=4_185 * MS)
    parent.ends(10_000)
    [finding] = findings(run, "cpu-quota")
    assert finding.cost_ns == 135 * MS
    assert finding.evidence[1] == "periods throttled while they started: 2 of 3, 67%"


def test_few_throttled_periods_are_usual(tmp_path: Path) -> None:
    """Below 10 %."""
    assert findings(throttled(tmp_path, 100, 9), "cpu-quota") == []


def test_two_periods_say_nothing(tmp_path: Path) -> None:
    """Three do."""
    assert findings(throttled(tmp_path, 2, 2), "cpu-quota") == []


def test_without_a_quota_nothing_is_throttled(tmp_path: Path) -> None:
    """Whatever is counted then is no quota's."""
    assert findings(throttled(tmp_path, 6, 5, quota=None), "cpu-quota") == []
