"""A Manager's server is started, or asked, while the program waits.

What it detects:
    A Manager whose server took ten milliseconds or more to start while the program waited; and a process that
    spent a tenth of its life waiting for the answers of such servers.

Why it costs:
    Manager() starts one more process, with all that costs, and waits for it. Each use of a shared object is then
    a message to that process and an answer from it: 30 µs at best, where an object of one's own needs 30 ns. All
    processes queue up at one server.

Remedy:
    Let workers return their results. For numbers use shared memory.

        # before
        results = multiprocessing.Manager().dict()
        pool.starmap(work, [(item, results) for item in items])

        # after
        results = dict(pool.map(work, items))

When it is not reported:
    Where calls of proxies took less than ten milliseconds in all. A server that is started once, and not by a
    child on its way to ready, is a note: it may be what the program needs.

Source:
    https://docs.python.org/3/library/multiprocessing.html#managers
    Measured: the server's start 17 ms by fork, 37 by spawn, 42 by forkserver; a call 20 to 30 µs.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mptrace.analysis.facts import Facts, Place, Taken, is_before_ready
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.wording import counted, duration, percent
from mptrace.trace.model import Process, Span
from mptrace.trace.nesting import interval

RULE = "manager-start"
LEAST_START_NS = 10_000_000  # a fork of a small process and its first answer; what is below nobody notices
LEAST_SHARE = 0.1  # of the life of a process, as for a request that nobody would call slow
LEAST_WAITED_NS = 10_000_000
REMEDY = "Let the workers return what they found, instead of writing it to an object of a Manager:\n"
CODE = "    results = pool.map(work, items)"


class Caller(NamedTuple):
    """A process that calls proxies: how often, and how long it waited for the answers."""

    process: Process
    calls: int
    waited_ns: int

    @property
    def life_ns(self) -> int:
        """How long the process lived."""
        return self.process.last_ns - self.process.begin_ns


def find(facts: Facts) -> Iterator[Finding]:
    """Report the servers that each process started, and all calls of the proxies that lead to the same of them."""
    for process in facts.trace.processes:
        starts = [span for span in process.spans if span.category == "manager" and span.name == "start server"]
        if starts:
            yield from _started(facts, process, starts)
    yield from _called(facts)


def _started(facts: Facts, process: Process, starts: list[Span]) -> Iterator[Finding]:
    taken = [Taken(process.pid, *interval(span, process)) for span in starts]
    if total_ns(taken) < LEAST_START_NS:
        return
    way = facts.way(process)
    is_on_path = process.start is not None and any(is_before_ready(way, span) for span in starts)
    kinds = dict.fromkeys(str(span.args.get("manager", "Manager")) for span in starts)
    evidence = [f"kinds of manager: {', '.join(kinds)}"]
    if is_on_path:
        evidence.append("it is a child that starts them before it is ready")
    yield Finding(
        rule=RULE,
        title=f"{process.name} waits {duration(total_ns(taken))} for {counted(len(starts), 'server')} of Managers",
        severity="warning" if is_on_path else "note",
        cost_ns=total_ns(taken),
        pids=[process.pid],
        where=_places(facts, process),
        evidence=evidence,
        remedy=REMEDY + CODE,
        taken=taken,
    )


def _called(facts: Facts) -> Iterator[Finding]:
    groups: dict[tuple[Place, ...], list[Caller]] = defaultdict(list)
    for process in facts.trace.processes:
        counted_calls = facts.counters(process, "proxy calls")
        if counted_calls:
            values = counted_calls[-1].values
            one = Caller(process, int(values.get("calls", 0)), int(values.get("waited_ns", 0)))
            if one.waited_ns >= max(LEAST_WAITED_NS, LEAST_SHARE * one.life_ns):
                groups[tuple(_places(facts, process))].append(one)
    for places, group in groups.items():
        yield _calls(sorted(group, key=lambda one: -one.waited_ns), places)


def _calls(group: Sequence[Caller], places: Sequence[Place]) -> Finding:
    waited_ns = sum(one.waited_ns for one in group)
    share = percent(waited_ns / max(1, sum(one.life_ns for one in group)))
    name = group[0].process.name
    who = f"{name} waits" if len(group) == 1 else f"{len(group)} processes wait"
    calls = f"{sum(one.calls for one in group):,}, which took {duration(waited_ns)}"
    longest = f"the one that waited longest: {name}, {duration(group[0].waited_ns)}"
    return Finding(
        rule=RULE,
        title=f"{who} for the answers of Managers {share} of {'its life' if len(group) == 1 else 'their lives'}",
        severity="warning",
        cost_ns=waited_ns,
        pids=[one.process.pid for one in group],
        where=list(places),
        evidence=[f"calls of shared objects: {calls}", *([longest] if len(group) > 1 else [])],
        remedy=REMEDY + CODE,
    )


def _places(facts: Facts, process: Process) -> list[Place]:
    """Return where the Managers were started: by this process, or else by the one that started it."""
    for starter in (process.pid, process.parent_pid):
        ways = [way for way in facts.started if way.process.role == "manager" and way.process.parent_pid == starter]
        if ways:
            return facts.places(ways)
    return []
