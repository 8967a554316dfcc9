"""The CPU quota of the container holds the run up while its processes start.

What it detects:
    A cgroup with a CPU quota that the kernel throttled in 10 % or more of its periods, while children were on their
    way to ready.

Why it costs:
    A container with half a CPU may use 50 ms of each 100. Processes that start together use that up in a moment, and
    then all of them stand still until the next period. os.cpu_count() still says how many CPUs the machine has, so
    that pools are made far too large.

Remedy:
    Size pools by the quota, or raise the quota for the start.

        # before
        pool = multiprocessing.Pool()

        # after
        pool = multiprocessing.Pool(2)  # docker run --cpus 2; resources.limits.cpu of Kubernetes

    Python 3.13 and later take the number from PYTHON_CPU_COUNT or -X cpu_count. Less work at start-up helps as well:
    a fork server imports once.

When it is not reported:
    Without a quota. For fewer than three periods of the quota, where chance decides.

Source:
    https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu
    Measured: with a quota of half a CPU 97 to 99 % of the periods are throttled, and 4 children take 2632 ms instead of
    606 to start.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from mptrace.analysis.facts import Facts
from mptrace.analysis.findings.model import Finding
from mptrace.analysis.wording import counted, duration, percent
from mptrace.trace.model import Counter

RULE = "cpu-quota"
LEAST_SHARE = 0.1  # less is a few periods that were nearly enough
LEAST_PERIODS = 3
NAME = "throttling"
CHANGED = ("periods", "throttled", "throttled_ns")


def find(facts: Facts) -> Iterator[Finding]:
    """Report all start-ups together: they share one quota."""
    quota = facts.trace.run.get("cpu_quota")
    samples = sorted(
        (counter for process in facts.trace.processes for counter in facts.counters(process, NAME)),
        key=attrgetter("at_ns"),
    )
    if not isinstance(quota, Mapping) or not quota.get("period_us") or not samples:
        return
    windows = _windows([(way.begin_ns, way.ready_ns) for way in facts.started if way.ready_ns is not None])
    changes = [_change(samples, *window) for window in windows]
    periods, throttled, throttled_ns = (sum(change[number] for change in changes) for number in range(len(CHANGED)))
    if periods < LEAST_PERIODS or throttled < LEAST_SHARE * periods:
        return
    wall_ns = sum(end_ns - begin_ns for begin_ns, end_ns in windows)
    cpus = quota["quota_us"] / quota["period_us"]
    started = [way for way in facts.started if way.ready_ns is not None]
    has = f"; os.cpu_count() says {facts.trace.run['cpus']}" if facts.trace.run.get("cpus") else ""
    yield Finding(
        rule=RULE,
        title=f"the CPU quota held up the start of {counted(len(started), 'process', 'processes')}",
        severity="warning",
        # The kernel adds up what each CPU was not allowed; nobody was held up for longer than it all took.
        cost_ns=min(wall_ns, throttled_ns),
        pids=[way.process.pid for way in started],
        where=facts.places(started),
        evidence=[
            f"the quota is {cpus:.3g} CPUs ({quota['quota_us']:,} of each {quota['period_us']:,} microseconds){has}",
            f"periods throttled while they started: {throttled} of {periods}, {percent(throttled / periods)}",
            f"not allowed to run for {duration(throttled_ns)}, added up over CPUs",
        ],
        remedy=(
            "Make no more workers than the quota has CPUs, or raise the quota:\n"
            f"    multiprocessing.Pool({max(1, round(cpus))})"
        ),
    )


def _windows(ways: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the times in which anything was starting."""
    windows: list[tuple[int, int]] = []
    for begin_ns, ready_ns in sorted(ways):
        if windows and begin_ns <= windows[-1][1]:
            windows[-1] = windows[-1][0], max(windows[-1][1], ready_ns)
        else:
            windows.append((begin_ns, ready_ns))
    return windows


def _change(samples: Sequence[Counter], begin_ns: int, end_ns: int) -> Sequence[int]:
    """Return what the counts of the cgroup, which all processes share, went up by between two moments."""
    return [max(0, _count(samples, name, end_ns) - _count(samples, name, begin_ns)) for name in CHANGED]


def _count(samples: Sequence[Counter], name: str, at_ns: int) -> int:
    """Return what a count was at a moment: between two samples it is taken to have grown evenly."""
    position = bisect_left(samples, at_ns, key=attrgetter("at_ns"))
    before, after = samples[max(0, position - 1)], samples[min(position, len(samples) - 1)]
    count, later = before.values.get(name, 0), after.values.get(name, 0)
    passed_ns, between_ns = at_ns - before.at_ns, after.at_ns - before.at_ns
    share = min(1.0, max(0.0, passed_ns / between_ns)) if between_ns else 0.0
    return round(count + share * (later - count))
