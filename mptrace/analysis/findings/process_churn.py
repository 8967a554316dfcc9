"""Processes are thrown away and made again, instead of being kept.

What it detects:
    Ten or more processes of one parent, target and start method that lived for less than two seconds each, one
    after another, and spent 30 % or more of that on starting. Or three or more pools of the same shape, one after
    another.

Why it costs:
    Each new process pays for its start-up: a fork copies page tables, a spawned child begins an interpreter and
    imports everything again. A worker that is kept takes its next task within a millisecond.

Remedy:
    Make one pool and keep it.

        # before
        for batch in batches:
            with multiprocessing.Pool(4) as pool:
                pool.map(work, batch)

        # after
        with multiprocessing.Pool(4) as pool:
            for batch in batches:
                pool.map(work, batch)

    Raise maxtasksperchild (max_tasks_per_child), or leave it out. A DataLoader has persistent_workers=True.

When it is not reported:
    Where as many processes lived at a time: none of them could have been kept for another's work. Where all their
    start-ups together took less than 100 ms, unless 20 or more could have been spared: that is a note. For children
    that never became ready: see killed-before-ready. Of what os.fork() itself made, which does not say when it is
    ready, only the fork is counted as start-up.

Source:
    https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor
    Measured: a new spawn pool for each call 143 to 159 ms, a pool that is kept 0.4 ms.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Taken, most_at_a_time
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, percent
from mptrace.trace.model import Span

RULE = "process-churn"
LEAST_SHARE = 0.3  # a process that starts for a third of its life was hardly worth it
LEAST_COUNT = 10  # fewer may be all that the work needed
LEAST_POOLS = 3  # two may have had their reasons
SHORT_NS = 2_000_000_000  # what lives longer has begun to do its work
LEAST_NS = 100_000_000  # what a person notices
MANY = 20  # so many that were not needed are a habit, which costs more where the work or the parent is larger
REUSES = 2  # so many processes for each that lived at a time, or none could have been kept
POOLS = {"create Pool": "pool-worker", "create ProcessPoolExecutor": "executor-worker"}
REMEDY = (
    "Make one pool before the loop, and give it all the work:\n"
    "    with multiprocessing.Pool() as pool:\n        for batch in batches:\n            pool.map(work, batch)"
)
# Of pools that replace their own workers: no other pool is to be made instead.
REPLACED_REMEDIES = {
    "pool-worker": "Let its workers live on: raise maxtasksperchild, or leave it out:\n"
    "    multiprocessing.Pool(maxtasksperchild=1000)",
    "executor-worker": "Let its workers live on: raise max_tasks_per_child, or leave it out:\n"
    "    ProcessPoolExecutor(max_tasks_per_child=1000)",
}


def find(facts: Facts) -> Iterator[Finding]:
    """Report pools that were made again, and then processes that no pool reported already explains."""
    explained: set[int] = set()
    for finding in _pools(facts):
        explained.update(finding.pids)
        yield finding
    groups: dict[tuple[int | None, str, str], list[StartUp]] = defaultdict(list)
    for way in facts.workers:
        process = way.process
        is_short = _ended_ns(way) - way.begin_ns < SHORT_NS
        if process.pid not in explained and is_short and not process.was_never_ready:
            groups[process.parent_pid, process.start_method, process.start.target if process.start else ""].append(way)
    for ways in groups.values():
        kept = max(1, _most_at_a_time(ways))
        if len(ways) >= max(LEAST_COUNT, REUSES * kept) and _share(ways) >= LEAST_SHARE:
            title = (
                f"{counted(len(ways), 'short-lived process', 'short-lived processes')} were started one after another"
            )
            yield from _finding(facts, title, ways, ways[kept:])


def _pools(facts: Facts) -> Iterator[Finding]:
    """Report pools of one shape that one process made one after another."""
    shapes: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for process in facts.trace.processes:
        for span in process.spans:
            if span.category == "pool" and span.name in POOLS:
                shapes[process.pid, f"{span.name} {sorted(span.args.items())}"].append(span)
    for (pid, _), spans in shapes.items():
        method = spans[0].args.get("start_method")
        ways = [
            way
            for way in facts.workers
            if way.process.parent_pid == pid
            and way.process.role == POOLS[spans[0].name]
            and way.process.start_method == method
        ]
        batches = _batches(ways)
        if len(spans) >= LEAST_POOLS and len(batches) >= LEAST_POOLS:
            kind, size = spans[0].args.get("kind", "pool"), spans[0].args.get("workers", len(batches[0]))
            title = f"{len(spans)} pools ({kind} of {size}) were made one after another"
            yield from _finding(facts, title, ways, [way for batch in batches[1:] for way in batch])


def _finding(facts: Facts, title: str, ways: Sequence[StartUp], avoidable: Sequence[StartUp]) -> Iterator[Finding]:
    taken = _taken(avoidable)
    is_cheap = total_ns(taken) < LEAST_NS
    if is_cheap and len(avoidable) < MANY:
        return
    lives_ns = sum(_ended_ns(way) - way.begin_ns for way in ways) // len(ways)
    starts_ns = sum(_ready_ns(way) - way.begin_ns for way in ways) // len(ways)
    tasks = _most_tasks(facts, ways[0])
    pids = {way.process.pid for way in avoidable}
    yield Finding(
        rule=RULE,
        title=title,
        severity="note" if is_cheap else "warning",
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way in ways],
        where=facts.places(ways),
        evidence=[
            f"{counted(len(ways), 'process', 'processes')}, at most {_most_at_a_time(ways)} at a time",
            f"a process lived for {duration(lives_ns)} and took {duration(starts_ns)} of that to start, on average",
            f"share of their lives that went into starting: {percent(_share(ways))}",
            *([f"their pool replaces a worker after {counted(tasks, 'task')}"] if tasks else []),
        ],
        remedy=REPLACED_REMEDIES[ways[0].process.role] if tasks else REMEDY,
        taken=taken,
        needed=_taken([way for way in ways if way.process.pid not in pids]),
    )


def _taken(ways: Sequence[StartUp]) -> list[Taken]:
    return [Taken(way.process.pid, way.begin_ns, _ready_ns(way)) for way in ways]


def _most_tasks(facts: Facts, way: StartUp) -> int:
    """Return after how many tasks the pool of a worker replaces it; 0 where it does not, or where there are several."""
    parent = facts.by_pid.get(way.process.parent_pid or 0)
    pools = [span for span in parent.spans if POOLS.get(span.name) == way.process.role] if parent else []
    return int(pools[0].args.get("max_tasks") or 0) if len(pools) == 1 else 0


def _ready_ns(way: StartUp) -> int:
    """Return when the start-up was over, at the latest."""
    if way.process.was_never_ready:
        return _ended_ns(way)
    over_ns = [phase.end_ns for phase in way.phases] if way.ready_ns is None else [way.ready_ns]
    return max([way.begin_ns, *over_ns])


def _ended_ns(way: StartUp) -> int:
    return max(way.begin_ns, way.process.last_ns)


def _share(ways: Sequence[StartUp]) -> float:
    return sum(_ready_ns(way) - way.begin_ns for way in ways) / max(
        1, sum(_ended_ns(way) - way.begin_ns for way in ways)
    )


def _most_at_a_time(ways: Sequence[StartUp]) -> int:
    """Return how many of the processes lived at the same time, at most."""
    return most_at_a_time((way.begin_ns, _ended_ns(way)) for way in ways)


def _batches(ways: Sequence[StartUp]) -> list[list[StartUp]]:
    """Return the processes in groups of those whose lives overlap, one with the next."""
    batches: list[list[StartUp]] = []
    reached_ns = 0
    for way in sorted(ways, key=lambda way: way.begin_ns):
        if not batches or way.begin_ns >= reached_ns:
            batches.append([])
        batches[-1].append(way)
        reached_ns = max(reached_ns, _ended_ns(way))
    return batches
