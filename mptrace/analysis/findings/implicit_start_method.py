"""Processes were started by the default method, where another would make a difference.

What it detects:
    Processes started by a method that nobody had asked for, neither by set_start_method() nor by get_context(),
    in a program where the choice matters: it was fork, and the parent had other threads; or it was one that
    runs the main module again, and that took 50 milliseconds or more in the children.

Why it costs:
    The default has changed: up to Python 3.13 it is fork on Linux, from 3.14 on it is forkserver. The same
    program starts in another way on another Python, faster or slower, or with locks that are never released.

Remedy:
    Say which method is meant.

        # before
        pool = multiprocessing.Pool(4)

        # after
        context = multiprocessing.get_context("forkserver")
        pool = context.Pool(4)

When it is not reported:
    Where the method was asked for by name, by whomever. For the children of children that were spawned: they
    are told the method of their parent.

Source:
    https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Taken, is_typical, unhindered_ns
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.forks import forks
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import duration

RULE = "implicit-start-method"
LEAST_MAIN_NS = 50_000_000  # what a person notices with a few children; as for main-reexecuted


def find(facts: Facts) -> Iterator[Finding]:
    """Report the children of each parent together."""
    groups: dict[tuple[int | None, str], list[StartUp]] = defaultdict(list)
    for way in facts.started:
        if way.process.start and not way.process.start.is_chosen:
            groups[way.process.parent_pid, way.process.start_method].append(way)
    threads = {fork.child.pid: fork.threads for fork in forks(facts.trace) if fork.child}
    for (_, method), ways in groups.items():
        taken = [each for way in ways for each in facts.taken(way, "main-module")]
        reasons = _fork_reasons(ways, threads) if method == "fork" else _main_reasons(facts, ways, taken)
        if not reasons:
            continue
        yield Finding(
            rule=RULE,
            title=f"Start method {method} was not chosen, and it matters here",
            severity="note",
            cost_ns=total_ns(taken),
            pids=[way.process.pid for way in ways],
            where=facts.places(ways),
            evidence=[f"processes started by the default method, {method}: {len(ways)}", *reasons],
            remedy='Say which method is meant:\n    multiprocessing.set_start_method("forkserver")',
            taken=taken,
        )


def _fork_reasons(ways: Sequence[StartUp], threads: dict[int, int]) -> list[str]:
    """Return why fork matters, if it does."""
    most = max(threads.get(way.process.pid, 0) for way in ways)
    return [f"threads in the parent when it was forked: {most}"] if most > 1 else []


def _main_reasons(facts: Facts, ways: Sequence[StartUp], taken: Sequence[Taken]) -> list[str]:
    """Return why it matters that the main module is run again, if it does."""
    mains = [(way, facts.taken(way, "main-module")) for way in ways]
    times_ns = [unhindered_ns(way, total_ns(times), times) for way, times in mains]
    is_slow = is_typical(times_ns, LEAST_MAIN_NS)
    return [f"their running the main module again took {duration(total_ns(taken))}"] if is_slow else []
