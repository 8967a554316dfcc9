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

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Place, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.locks import end_ns
from mptrace.analysis.stuck import Stuck, stuck
from mptrace.analysis.wording import counted, duration, names

RULE = "stuck-after-fork"
LEAST_NS = 5_000_000_000  # nobody holds a lock of logging that long: the slowest disk is quicker
LEAST_KILLED_NS = 500_000_000  # a pool that is terminated catches its workers in waits of milliseconds
FORKED = ("fork", "forkserver")
MOST_FRAMES = 3
REMEDY = 'Start processes before threads, or do not fork:\n    multiprocessing.set_start_method("forkserver")'


def find(facts: Facts) -> Iterator[Finding]:
    """Report the children of one parent that wait for the same thing together."""
    groups: dict[tuple[int | None, str], list[Stuck]] = defaultdict(list)
    for found in stuck(facts.trace):
        process = found.process
        least_ns = LEAST_KILLED_NS if process.end.how == "signaled" else LEAST_NS
        if process.start_method in FORKED and found.waited_ns >= least_ns:
            groups[process.parent_pid, found.lock or "".join(found.frames[:1])].append(found)
    for group in groups.values():
        yield _finding(facts, group)


def _finding(facts: Facts, group: Sequence[Stuck]) -> Finding:
    processes = [found.process for found in group]
    taken = [Taken(one.process.pid, end_ns(one.process) - one.waited_ns, end_ns(one.process)) for one in group]
    held = [place for found in group for place in _holder_place(found)]
    return Finding(
        rule=RULE,
        title=_title(group),
        severity="error" if group[0].lock else "warning",
        cost_ns=total_ns(taken),
        pids=[process.pid for process in processes],
        where=list(dict.fromkeys([*held, *facts.places(map(facts.way, processes))])),
        evidence=_evidence(group),
        remedy=REMEDY,
        taken=taken,
    )


def _title(group: Sequence[Stuck]) -> str:
    lock = group[0].lock
    if len(group) > 1:
        return f"{counted(len(group), 'child', 'children')} are stuck" + (f": they wait for the {lock}" if lock else "")
    return f"{group[0].process.name} is stuck" + (f": it waits for the {lock}" if lock else "")


def _evidence(group: Sequence[Stuck]) -> Sequence[str]:
    longest = group[0]  # it waited longest: that is the order they are in
    if len(group) > 1:
        evidence = [
            f"they are {names([found.process.name for found in group], most=5)}",
            f"made no progress until their end: {duration(longest.waited_ns)} at most",
        ]
        it_is, it_was = f"{longest.process.name} is", "they were"
    else:
        evidence = [f"made no progress until its end: {duration(longest.waited_ns)}"]
        it_is, it_was = "it is", "it was"
    holders = list(dict.fromkeys(found.holder for found in group if found.holder))
    evidence += [f"the lock was held by {names(holders)}"] if holders else []
    evidence += [f"{it_is} in {frame}" for frame in longest.frames[:MOST_FRAMES]]
    signals = sorted({found.process.end.signal for found in group if found.process.end.signal})
    return [*evidence, *(f"then {it_was} killed by signal {signal}" for signal in signals)]


def _holder_place(found: Stuck) -> list[Place]:
    """Return where the lock had been taken, if that is known."""
    file, _, line = found.holder.rpartition(" at ")[2].rpartition(":")
    return [Place(file, int(line))] if file and line.isdecimal() else []
