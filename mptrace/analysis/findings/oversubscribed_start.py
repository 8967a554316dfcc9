"""More children start at once than there are CPUs, and they wait for each other.

What it detects:
    More processes on the way to ready at one time than the run has CPUs, which waited for a CPU for 40 % or more of
    their start-up.

Why it costs:
    Starting is CPU work: an interpreter, imports, unpickling. With twice as many children as CPUs each takes twice as
    long, and none is ready early. Imports make it worse, since all of them repeat the same ones.

Remedy:
    Start as many as there are CPUs to run them, and count those that this process may use.

        # before
        pool = multiprocessing.Pool(32)

        # after
        pool = multiprocessing.Pool(len(os.sched_getaffinity(0)))

    Where more workers are wanted because they wait for input, let a fork server import once for all of them, or start
    them a few at a time.

When it is not reported:
    Where the kernel does not say how long a process waited for a CPU. For the servers that multiprocessing starts for
    itself, which are not counted. As a note only where the CPUs were as busy with something else, and not at all where
    they were nearly all busy with that. Where a CPU quota held the run up: see
    cpu-quota.

Source:
    https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html
    Measured: 8 children on 2 CPUs, an import of 244 ms takes 1183 ms, of which 1003 ms are waiting.
"""

from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, most_at_a_time, waited_share, waits_ns
from mptrace.analysis.findings.model import Finding, Prediction
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, percent

RULE = "oversubscribed-start"
LEAST_SHARE = 0.4  # below that a start-up is not even twice as long
LEAST_OWN_SHARE = 0.6  # of the CPU time that there was: or it was others who took it
LEAST_NOTED_SHARE = 0.25  # of it: with less they are not who they wait for
LEAST_NS = 100_000_000  # what a person notices
THROTTLING = "throttling"
REMEDY = "Start no more than there are CPUs for"
SERVER = ", or import once for all of them in a fork server"
POOLS = {"executor-worker": "ProcessPoolExecutor"}
REMEDY_FOR_OTHERS = "Look at what else runs on this machine, or at what the main process does, and measure again."


def find(facts: Facts) -> Iterator[Finding]:
    """Report each time in which start-ups overlapped."""
    if not facts.cpus:
        return
    for ways in _overlapping(facts.workers):
        waited_ns = sum(map(_waited_ns, ways))
        wall_ns = sum(map(_wall_ns, ways))
        is_crowded = _most_at_a_time(ways) > facts.cpus
        is_waiting = waited_ns >= max(LEAST_NS, LEAST_SHARE * wall_ns) and _own_share(facts, ways) >= LEAST_NOTED_SHARE
        if is_crowded and is_waiting and not _was_throttled(facts, ways):
            yield _finding(facts, ways, waited_ns)


def _overlapping(ways: Sequence[StartUp]) -> list[list[StartUp]]:
    """Return the start-ups in groups of those that overlap, one with the next."""
    groups: list[list[StartUp]] = []
    reached_ns = 0
    for way in sorted((way for way in ways if waits_ns(way)), key=lambda way: way.begin_ns):
        if not groups or way.begin_ns >= reached_ns:
            groups.append([])
        groups[-1].append(way)
        reached_ns = max(reached_ns, _over_ns(way))
    return groups


def _wall_ns(way: StartUp) -> int:
    return sum(phase.end_ns - phase.begin_ns for phase, _ in waits_ns(way))


def _waited_ns(way: StartUp) -> int:
    return sum(waited_ns for _, waited_ns in waits_ns(way))


def _over_ns(way: StartUp) -> int:
    return max(phase.end_ns for phase in way.phases if phase.side == "child")


def _most_at_a_time(ways: Sequence[StartUp]) -> int:
    return most_at_a_time((way.begin_ns, _over_ns(way)) for way in ways)


def _was_throttled(facts: Facts, ways: Sequence[StartUp]) -> bool:
    """Return whether the run's quota held these up: the kernel counts that as waiting for a CPU too."""
    for way in ways:
        counts = [counter.values.get("throttled", 0) for counter in facts.counters(way.process, THROTTLING)]
        if counts and counts[-1] > counts[0]:
            return True
    return False


def _own_share(facts: Facts, ways: Sequence[StartUp]) -> float:
    """Return what those on the way to ready used of the CPU time that they could have: each at most one at a time."""
    return sum(phase.cpu_ns for way in ways for phase in way.phases) / max(1.0, _room_ns(facts, ways))


def _room_ns(facts: Facts, ways: Sequence[StartUp]) -> float:
    """Return how much CPU time there was for them."""
    changes = [(way.begin_ns, 1) for way in ways] + [(_over_ns(way), -1) for way in ways]
    room_ns, count, since_ns = 0.0, 0, ways[0].begin_ns
    for at_ns, change in sorted(changes):
        room_ns += min(count, facts.cpus) * (at_ns - since_ns)
        count, since_ns = count + change, at_ns
    return room_ns


def _finding(facts: Facts, ways: Sequence[StartUp], waited_ns: int) -> Finding:
    share = percent(waited_ns / max(1, sum(map(_wall_ns, ways))))
    wall_ns = max(map(_over_ns, ways)) - ways[0].begin_ns
    own_share = _own_share(facts, ways)
    is_own = own_share >= LEAST_OWN_SHARE
    most = counted(_most_at_a_time(ways), "process", "processes")
    said = f"{most} were starting at a time on {_cpus(facts.cpus)}"
    return Finding(
        rule=RULE,
        title=said if is_own else f"{said}, which others used too",
        severity="warning" if is_own else "note",
        cost_ns=waited_ns,
        pids=[way.process.pid for way in ways],
        where=facts.places(ways),
        evidence=[
            f"waiting for a CPU took {share} of their start-up, and is in the times of other findings too",
            f"the one that waited most: {percent(max(map(waited_share, ways)))}",
            f"CPU time they got of what there was for them in {duration(wall_ns)}: {percent(min(1, own_share))}",
        ],
        remedy=_remedy(ways) if is_own else REMEDY_FOR_OTHERS,
        predicted=Prediction(waited_ns, "a CPU for each of them") if is_own else None,
    )


def _remedy(ways: Sequence[StartUp]) -> str:
    """Return what to type for a pool of their kind; those that are forked import nothing to begin with."""
    server = SERVER if any(way.process.start_method == "spawn" for way in ways) else ""
    pools = dict.fromkeys(POOLS.get(way.process.role, "multiprocessing.Pool") for way in ways)
    return "\n    ".join([f"{REMEDY}{server}:", *(f"{pool}(len(os.sched_getaffinity(0)))" for pool in pools)])


def _cpus(cpus: float) -> str:
    """Write a number of CPUs, which under a quota need not be whole."""
    return counted(int(cpus), "CPU") if cpus == int(cpus) else f"{cpus:.3g} CPUs"
