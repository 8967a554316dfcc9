"""A handler that runs at every fork takes long.

What it detects:
    A function registered with os.register_at_fork() that takes five milliseconds or more, in the parent before
    or after the fork, or in the child.

Why it costs:
    Handlers run one after another, at every fork, whether the child needs what they prepare or not. Those
    before the fork hold up the parent and the child, those in the child hold up the child before its first line.

Remedy:
    Do as little as possible in the handler, and the rest at the first use.

        # before
        os.register_at_fork(after_in_child=connect)

        # after
        def forget():
            global connection
            connection = None  # whoever needs it connects

        os.register_at_fork(after_in_child=forget)

When it is not reported:
    Where fewer than half of the runs are slow: the machine was busy then. The time that a handler waits for a
    lock of logging is left out, that is logging-lock-wait.

Source:
    https://docs.python.org/3/library/os.html#os.register_at_fork
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mptrace.analysis.facts import Facts, Place, Taken, is_typical, unhindered_ns
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.wording import counted, duration
from mptrace.trace.model import Process
from mptrace.trace.nesting import interval

RULE = "slow-fork-hook"
LEAST_NS = 5_000_000  # as long as the whole start of a small forked child
SIDES = {
    "before": "before the fork, in the parent",
    "parent": "after the fork, in the parent",
    "child": "in the child",
}


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of a handler; ``own_ns`` is without what it waited for locks and, in a child, for a CPU."""

    process: Process
    side: str
    taken: Sequence[Taken]
    own_ns: int


def find(facts: Facts) -> Iterator[Finding]:
    """Report each handler, with all its runs."""
    handlers: dict[str, list[_Run]] = defaultdict(list)
    for process in facts.trace.processes:
        for span in process.spans:
            if span.category == "fork-hook":
                taken = _without_locks(process, span.tid, *interval(span, process))
                side, own_ns = str(span.args.get("side", "")), total_ns(taken)
                if side == "child":
                    own_ns = unhindered_ns(facts.way(process), own_ns)
                handlers[span.name].append(_Run(process, side, taken, own_ns))
    for name, runs in handlers.items():
        slow = [run for run in runs if run.own_ns >= LEAST_NS]
        if not slow or not is_typical([run.own_ns for run in runs if run.side in {run.side for run in slow}], LEAST_NS):
            continue
        taken = [each for run in slow for each in run.taken]
        concerned = list({run.process.pid: run.process for run in slow}.values())
        yield Finding(
            rule=RULE,
            title=f"{name}, which runs at every fork, is slow",
            severity="warning",
            cost_ns=total_ns(taken),
            pids=[process.pid for process in concerned],
            where=_places(facts, concerned),
            evidence=[
                f"{counted(sum(run.side == side for run in slow), 'slow run')} {where}, the longest "
                f"{duration(max(run.own_ns for run in slow if run.side == side))}"
                for side, where in SIDES.items()
                if any(run.side == side for run in slow)
            ],
            remedy="Let the handler only forget what is stale, and make it anew where it is used first",
            taken=taken,
        )


def _without_locks(process: Process, tid: int, begin_ns: int, end_ns: int) -> list[Taken]:
    """Return the time of a handler apart from waits for locks, which are another rule's."""
    taken = []
    for span in process.spans:
        if span.category == "lock" and span.tid == tid and begin_ns <= span.begin_ns < end_ns:
            taken.append(Taken(process.pid, begin_ns, span.begin_ns))
            begin_ns = min(end_ns, interval(span, process)[1])
    return [*taken, Taken(process.pid, begin_ns, end_ns)]


def _places(facts: Facts, concerned: Sequence[Process]) -> list[Place]:
    """Return where the forks were made that the handler held up."""
    pids = {process.pid for process in concerned}
    made = [way for way in facts.ways if way.process.pid in pids or way.process.parent_pid in pids]
    return facts.places(way for way in made if way.process.start_method == "fork")
