"""Children are killed while they are still starting, and started again.

What it detects:
    Two or more children that SIGKILL or SIGTERM ended before they were ready, after which their parent started
    another one of the same kind.

Why it costs:
    A time-out that is shorter than the start-up is never met: each attempt does all the work up to the time-out
    again, and competes with the other attempts for the CPUs.

Remedy:
    Raise the limit, and make the start-up shorter; the other findings say how.

        # before
        uvicorn app:app --workers 8

        # after
        uvicorn app:app --workers 8 --timeout-worker-healthcheck 60

    Others: timeout of gunicorn, worker_register_timeout_seconds of ray, distributed.nanny of dask. Where there is no
    such limit, look for the kernel's out-of-memory killer.

When it is not reported:
    For children that were ended once the work was done, as the end of a Pool does, and that nobody started again:
    the workers of the next Pool do not take their places. For those that died by a signal of their own, such as
    SIGSEGV. For those that os.fork() itself made: they do not say when they are ready.

Source:
    https://www.uvicorn.org/settings/
    In 8 of 87 threads of people whose processes start slowly, a time-out killed them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from signal import SIGKILL, SIGTERM

from mptrace.analysis.facts import Facts, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration
from mptrace.trace.roles import signal_name

RULE = "killed-before-ready"
LEAST_COUNT = 2  # one may be an accident
SIGNALS = (SIGKILL, SIGTERM)
LIMITS_S = (5, 30, 60)  # what time-outs are set to where nobody sets them
NEAR = 0.1


def find(facts: Facts) -> Iterator[Finding]:
    """Report the children of one parent that were to do the same."""
    groups: dict[tuple[int | None, str, str], list[StartUp]] = defaultdict(list)
    for way in facts.workers:
        start = way.process.start
        groups[way.process.parent_pid, way.process.start_method, start.target if start else ""].append(way)
    for ways in groups.values():
        killed = [way for way in ways if _was_killed(way) and _was_replaced(facts, way, ways)]
        if len(killed) >= LEAST_COUNT:
            yield _finding(facts, killed, ways)


def _was_killed(way: StartUp) -> bool:
    return way.process.was_never_ready and way.process.end.signal in SIGNALS


def _was_replaced(facts: Facts, killed: StartUp, ways: Sequence[StartUp]) -> bool:
    process = killed.process
    parent = facts.by_pid.get(process.parent_pid or 0)
    if process.role == "pool-worker" and parent:
        # A Pool that has come to its end terminates its workers. One that goes on says whom it puts in their places.
        ended = {each.args.get("ended_pid") for each in parent.instants if each.name == "replace worker"}
        return process.os_pid in ended
    return any(process.last_ns <= way.begin_ns for way in ways)


def _ages_ns(killed: Sequence[StartUp]) -> list[int]:
    return [max(0, (way.process.end.at_ns or way.process.last_ns) - way.begin_ns) for way in killed]


def _finding(facts: Facts, killed: Sequence[StartUp], ways: Sequence[StartUp]) -> Finding:
    ages_ns = _ages_ns(killed)
    signals = sorted({signal_name(way.process.end.signal) for way in killed if way.process.end.signal})
    taken = [
        Taken(way.process.pid, way.begin_ns, way.begin_ns + age_ns) for way, age_ns in zip(killed, ages_ns, strict=True)
    ]
    evidence = [
        f"killed by {' or '.join(signals)} after {duration(min(ages_ns))} to {duration(max(ages_ns))}",
        f"started in their place, or beside them: {len(ways) - len(killed)} that were not killed",
    ]
    limit_s = next((s for s in LIMITS_S if all(abs(age_ns / 1e9 - s) <= NEAR * s for age_ns in ages_ns)), None)
    if limit_s:
        evidence.append(f"all of them at an age near {limit_s} s, which is a common time-out")
    return Finding(
        rule=RULE,
        title=f"{counted(len(killed), 'child', 'children')} were killed before they were ready, and started again",
        severity="error",
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way in killed],
        where=facts.places(killed),
        evidence=evidence,
        remedy="Find the time-out that ends them, make it longer than their start-up, and make that shorter.",
        taken=taken,
    )
