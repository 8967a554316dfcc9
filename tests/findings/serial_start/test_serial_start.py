"""Children each of which is started when the one before it is ready."""

from pathlib import Path

import pytest

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding, Prediction
from tests.findings.children import CALL, spawned
from tests.findings.fixtures import all_findings, findings
from tests.journals import MS, RunFolder


def row(
    tmp_path: Path,
    count: int,
    *,
    every: float = 105,
    cpus: int = 4,
    sends: float = 0,
    life: float = 2000,
    works: float = 0,
) -> RunFolder:
    """Tell of children, one begun *every* so many milliseconds, each ready after 100 ms.

    It is on a CPU for 18 of them, and for what the main module *works*.
    """
    run = RunFolder(tmp_path, {"schema": 1, "argv": ["python", "app.py"], "cpus": cpus})
    parent = run.process(100)
    for number in range(count):
        begin = 10 + every * number
        if sends:
            parent.phase("send", begin + 3, begin + 3 + sends)
        child = spawned(run, parent, 101 + number, begin, end=begin + 5 + sends)
        child.phase("main-module", begin + 20, begin + 95, cpu=works).ready(begin + 100).ends(begin + life)
    parent.ends(5000)
    return run


def test_each_waits_for_the_one_before_it(tmp_path: Path) -> None:
    """All but one could have begun with the first."""
    assert findings(row(tmp_path, 3), "serial-start") == [
        Finding(
            rule="serial-start",
            title="3 children were started one after another, each when the last was ready",
            severity="warning",
            cost_ns=200 * MS,
            pids=[101, 102, 103],
            where=[Place(*CALL)],
            evidence=[
                "from the first start() to the last ready: 310.0 ms",
                "a child took 100.0 ms on average",
                "CPU time left unused meanwhile: 96% of 4 CPUs",
            ],
            remedy=(
                "Start all children before waiting for the first:\n"
                "    for process in processes:\n"
                "        process.start()\n"
                "    for connection in connections:\n"
                "        connection.recv()"
            ),
            taken=[Taken(102, 115 * MS, 215 * MS), Taken(103, 220 * MS, 320 * MS)],
            needed=[Taken(101, 10 * MS, 110 * MS)],
            predicted=Prediction(200 * MS, "all of them started at once, on 4 CPUs"),
        )
    ]


def test_main_module_that_each_ran_meanwhile_is_part_of_it(tmp_path: Path) -> None:
    """What each child spends there cannot be gained twice, the first one included."""
    found = {finding.rule: finding for finding in all_findings(row(tmp_path, 3))}
    assert found["main-reexecuted"].cost_ns == 3 * 75 * MS
    assert {rule: found[rule].contained_in for rule in ("serial-start", "main-reexecuted")} == {
        "serial-start": None,
        "main-reexecuted": "serial-start",
    }


@pytest.mark.parametrize(("works", "gain"), [(2, 500), (72, 330)])
def test_cpus_limit_what_is_gained(works: float, gain: float, tmp_path: Path) -> None:
    """Six children that wait do so at once; where they work, two CPUs have 270 of 600 ms to do, or 60."""
    found = findings(row(tmp_path, 6, cpus=2, works=works), "serial-start")
    assert [finding.cost_ns for finding in found] == [gain * MS]


def test_two_children_may_be_a_coincidence(tmp_path: Path) -> None:
    """Three are not."""
    assert findings(row(tmp_path, 2), "serial-start") == []


def test_overlapping_starts_are_not_serial(tmp_path: Path) -> None:
    """By more than a fifth."""
    assert findings(row(tmp_path, 5, every=75), "serial-start") == []


def test_parent_that_does_something_else_is_not_waiting(tmp_path: Path) -> None:
    """The pause between ready and the next start is longer than a fifth of a start."""
    assert findings(row(tmp_path, 5, every=130), "serial-start") == []


def test_one_cpu_has_nothing_to_give(tmp_path: Path) -> None:
    """Nor is anything known where the number is not."""
    assert findings(row(tmp_path, 5, cpus=1), "serial-start") == []
    assert findings(row(tmp_path / "unknown", 5, cpus=0), "serial-start") == []


def test_large_payload_is_another_rule(tmp_path: Path) -> None:
    """There start() itself waits."""
    assert findings(row(tmp_path, 5, sends=80), "serial-start") == []


def test_processes_that_have_ended_are_used_one_at_a_time(tmp_path: Path) -> None:
    """Each has done its work when the next is started: see process-churn."""
    assert findings(row(tmp_path, 5, life=102), "serial-start") == []
