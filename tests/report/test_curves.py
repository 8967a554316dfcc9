"""CPUs and memory over the run."""

import pytest

from mptrace.report.curves import STEPS, curves
from mptrace.trace.model import Counter
from tests.report.examples import MS, process

WALL_NS = STEPS * MS  # a step is a millisecond


def test_cpu_time_is_spread_between_samples() -> None:
    """Two processes that ran all of the time are two CPUs; what was waited for is a curve of its own."""
    samples = [Counter("cpu", at * MS, {"on_cpu_ns": at * MS, "runqueue_ns": at * MS // 2}) for at in (0, 10, 100)]
    drawn = curves([process(1, "a", counters=samples), process(2, "b", counters=samples)], WALL_NS)
    assert set(drawn["cpu"]["on a CPU"][:100]) == {2.0}
    assert set(drawn["cpu"]["on a CPU"][100:]) == {0.0}
    assert set(drawn["cpu"]["waiting for a CPU"][:100]) == {1.0}
    assert drawn["step"] == 1.0


def test_time_within_a_step_is_a_part_of_a_cpu() -> None:
    """Nothing is lost where samples are closer than steps."""
    samples = [Counter("cpu", at, {"on_cpu_ns": used}) for at, used in [(5 * MS, 0), (5 * MS + 1000, MS // 4)]]
    drawn = curves([process(1, "a", counters=samples)], WALL_NS)
    assert sum(drawn["cpu"]["on a CPU"]) == pytest.approx(0.25)


def test_cpu_time_never_counts_backwards() -> None:
    """Samples come from two clocks of the kernel's, one of which may be behind."""
    samples = [Counter("cpu", at * MS, {"on_cpu_ns": used * MS}) for at, used in [(0, 0), (10, 10), (20, 8), (30, 12)]]
    drawn = curves([process(1, "a", counters=samples)], WALL_NS)
    assert sum(drawn["cpu"]["on a CPU"]) == pytest.approx(12)
    assert min(drawn["cpu"]["on a CPU"]) == 0


def test_memory_is_that_of_all_until_they_end() -> None:
    """In megabytes, as last sampled."""
    first = process(1, "a", last_ns=100 * MS, counters=[Counter("memory", 10 * MS, {"rss": 3e6})])
    second = process(2, "b", last_ns=50 * MS, counters=[Counter("memory", n * MS, {"rss": n * 1e5}) for n in (20, 40)])
    rss = curves([first, second], WALL_NS)["memory"]["rss"]
    assert [rss[at] for at in (9, 10, 20, 40, 50, 51, 100, 101)] == [0, 3, 5, 7, 7, 3, 3, 0]


def test_what_was_never_sampled_has_no_curve() -> None:
    """Neither has a run without processes."""
    assert curves([process(1, "a")], WALL_NS) == {"step": 1.0, "cpu": {}, "memory": {}}
    assert curves([], 0) == {"step": 0.0, "cpu": {}, "memory": {}}
