"""Children end while they are still starting, and are started again.

What it detects:
    Two or more children that SIGKILL or SIGTERM ended before they were ready, or an exit status other than 0, after
    which their parent started another one of the same kind.

Why it costs:
    A time-out that is shorter than the start-up is never met: each attempt does all the work up to the time-out
    again, and competes with the other attempts for the CPUs. A child that fails as it starts fails every time: a Pool
    starts another in its place, for ever, and the program seems to hang.

Remedy:
    Raise the limit, and make the start-up shorter; the other findings say how.

        # before
        uvicorn app:app --workers 8

        # after
        uvicorn app:app --workers 8 --timeout-worker-healthcheck 60

    Others: timeout of gunicorn, worker_register_timeout_seconds of ray, distributed.nanny of dask. Where there is no
    such limit, look for the kernel's out-of-memory killer.

    Where the child failed by itself, its traceback is on stderr. It fails in the main module, which it runs again, in
    what it imports to find its target, or in the initializer of the pool.

When it is not reported:
    For children that were ended once the work was done, as the end of a Pool does, and that nobody started again:
    the workers of the next Pool do not take their places. For those that died by a signal of their own, such as
    SIGSEGV. For those that os.fork() itself made: they do not say when they are ready. For those that failed because
    they called start() themselves: see unguarded-main.

Source:
    https://www.uvicorn.org/settings/
    In 8 of 87 threads of people whose processes start slowly, a time-out killed them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from signal import SIGKILL, SIGTERM

from mptrace.analysis.facts import Facts, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.findings.unguarded_main import starts_in_main
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, names
from mptrace.trace.model import Process
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
    told = _told_replaced(facts)
    for ways in groups.values():
        last_ns = max(way.begin_ns for way in ways)
        ended = [way for way in ways if way.process.was_never_ready and _was_replaced(way.process, told, last_ns)]
        killed = [way for way in ended if way.process.end.signal in SIGNALS]
        failed = [way for way in ended if way.process.end.status and not starts_in_main(way)]
        if len(killed) >= LEAST_COUNT:
            yield _killed(facts, killed, ways)
        if len(failed) >= LEAST_COUNT:
            yield _failed(facts, failed)


def _ages_ns(ended: Sequence[StartUp]) -> list[int]:
    return [max(0, (way.process.end.at_ns or way.process.last_ns) - way.begin_ns) for way in ended]


def _told_replaced(facts: Facts) -> Set[tuple[int, object]]:
    """Return whom pools said that they replace, each with the process whose pool it was.

    A Pool that has come to its end terminates its workers. One that goes on says whom it puts in their places.
    """
    return {
        (process.pid, instant.args.get("ended_pid"))
        for process in facts.trace.processes
        for instant in process.instants
        if instant.name == "replace worker" and isinstance(instant.args.get("ended_pid"), int)
    }


def _was_replaced(ended: Process, told: Set[tuple[int, object]], last_ns: int) -> bool:
    """Return whether another was started instead of *ended*; the last one like it was started at *last_ns*."""
    if ended.role == "pool-worker" and ended.parent_pid is not None:
        return (ended.parent_pid, ended.os_pid) in told
    return ended.last_ns <= last_ns


def _killed(facts: Facts, killed: Sequence[StartUp], ways: Sequence[StartUp]) -> Finding:
    ages_ns = _ages_ns(killed)
    signals = sorted({signal_name(way.process.end.signal) for way in killed if way.process.end.signal})
    evidence = [
        f"killed by {' or '.join(signals)} after {duration(min(ages_ns))} to {duration(max(ages_ns))}",
        f"started in their place, or beside them: {len(ways) - len(killed)} that were not killed",
    ]
    limit_s = next((s for s in LIMITS_S if all(abs(age_ns / 1e9 - s) <= NEAR * s for age_ns in ages_ns)), None)
    if limit_s:
        evidence.append(f"all of them at an age near {limit_s} s, which is a common time-out")
    remedy = "Find the time-out that ends them, make it longer than their start-up, and make that shorter."
    return _finding(facts, killed, "were killed before they were ready, and started again", evidence, remedy)


def _failed(facts: Facts, failed: Sequence[StartUp]) -> Finding:
    ages_ns = _ages_ns(failed)
    statuses = sorted({str(way.process.end.status) for way in failed})
    return _finding(
        facts,
        failed,
        "failed before they were ready, and others were started in their place",
        [f"ended with exit status {names(statuses)} after {duration(min(ages_ns))} to {duration(max(ages_ns))}"],
        "Read their tracebacks on stderr, and repair what fails: the main module, which spawn and forkserver run "
        "again, what it imports, or the initializer of the pool.",
    )


def _finding(facts: Facts, ended: Sequence[StartUp], what: str, evidence: list[str], remedy: str) -> Finding:
    taken = [
        Taken(way.process.pid, way.begin_ns, way.begin_ns + age_ns)
        for way, age_ns in zip(ended, _ages_ns(ended), strict=True)
    ]
    return Finding(
        rule=RULE,
        title=f"{counted(len(ended), 'child', 'children')} {what}",
        severity="error",
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way in ended],
        where=facts.places(ended),
        evidence=evidence,
        remedy=remedy,
        taken=taken,
    )
