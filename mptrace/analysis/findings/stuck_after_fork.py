"""A forked child waits for a lock that nobody will ever release.

What it detects:
    A child made by a fork that waits for a lock, of logging or inside a stream, and never went on: for five
    seconds or more, or until somebody killed it. What it waits for is told by its stacks, which it writes after
    MPTRACE_STUCK_AFTER seconds; where that is no lock that is known, the finding is a warning.

Why it costs:
    Only the thread that forks lives on in a child. A lock that another thread of the parent held at that moment
    is locked in the child, and its holder does not exist there. The child never goes on, and whoever waits for
    it (join(), a pool) does not either.

Remedy:
    Do not fork a process that has threads.

        # before
        pool = multiprocessing.Pool(4)

        # after
        pool = multiprocessing.get_context("forkserver").Pool(4)

When it is not reported:
    For a wait that came to its end, however long it was. For a child that was killed within half a second of
    waiting: a pool that is terminated kills its workers wherever they are. Once a child is ready, only waits for
    locks that are known are seen.

Source:
    https://github.com/python/cpython/issues/50970
    Measured: 71 of 150 children of a program that logs in a thread stopped, all of them in flush().
"""

from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Place, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.locks import end_ns
from mptrace.analysis.stuck import Stuck, stuck
from mptrace.analysis.wording import duration

RULE = "stuck-after-fork"
LEAST_NS = 5_000_000_000  # nobody holds a lock of logging that long: the slowest disk is quicker
LEAST_KILLED_NS = 500_000_000  # a pool that is terminated catches its workers in waits of milliseconds
FORKED = ("fork", "forkserver")
MOST_FRAMES = 3
REMEDY = 'Start processes before threads, or do not fork:\n    multiprocessing.set_start_method("forkserver")'


def find(facts: Facts) -> Iterator[Finding]:
    """Report each such child."""
    for found in stuck(facts.trace):
        process = found.process
        least_ns = LEAST_KILLED_NS if process.end.how == "signaled" else LEAST_NS
        if process.start_method not in FORKED or found.waited_ns < least_ns:
            continue
        until_ns = end_ns(process)
        taken = [Taken(process.pid, until_ns - found.waited_ns, until_ns)]
        yield Finding(
            rule=RULE,
            title=f"{process.name} is stuck" + (f": it waits for the {found.lock}" if found.lock else ""),
            severity="error" if found.lock else "warning",
            cost_ns=total_ns(taken),
            pids=[process.pid],
            where=[*_holder_place(found), *facts.places([facts.way(process)])],
            evidence=_evidence(found),
            remedy=REMEDY,
            taken=taken,
        )


def _evidence(found: Stuck) -> Sequence[str]:
    evidence = [f"made no progress until its end: {duration(found.waited_ns)}"]
    if found.holder:
        evidence.append(f"the lock was held by {found.holder}")
    evidence += [f"it is in {frame}" for frame in found.frames[:MOST_FRAMES]]
    if found.process.end.signal:
        evidence.append(f"then it was killed by signal {found.process.end.signal}")
    return evidence


def _holder_place(found: Stuck) -> list[Place]:
    """Return where the lock had been taken, if that is known."""
    file, _, line = found.holder.rpartition(" at ")[2].rpartition(":")
    return [Place(file, int(line))] if file and line.isdecimal() else []
