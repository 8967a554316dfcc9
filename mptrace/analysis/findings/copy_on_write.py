"""Forked children copy memory that they were to share with their parent.

What it detects:
    A forked child that, before it was ready or within five seconds after that, made copies of pages that
    amount to a tenth of its parent's memory, and to 16 MiB at least. How much the garbage collector copied is
    always counted; all copies are where MPTRACE_MEMORY=1 had private and shared memory read. Elsewhere there
    are only page faults, which new memory causes too: then the finding is a note, from 64 MiB on.

Why it costs:
    After a fork parent and child share their memory until one of them writes. Python writes where it only
    reads: a reference count in each object it looks at, and a mark in each object when it collects garbage.
    Each first write to a page is a fault, and a copy.

Remedy:
    Take the objects there are out of the collector's sight before the fork. That does not help against
    reference counts: keep large data in arrays, or in shared memory, instead of in many small objects.

        # before
        table = load()
        pool = multiprocessing.get_context("fork").Pool(4)

        # after
        table = load()
        gc.freeze()
        pool = multiprocessing.get_context("fork").Pool(4)

When it is not reported:
    For copies made later, which are the child's work. For a parent whose size at the fork is not known. For page
    faults, if there were more than the parent's memory has pages: then most of them were for new memory.

Source:
    https://docs.python.org/3/library/gc.html#gc.freeze
    Measured: gc.collect() in a child 476 ms with 70,803 page faults, after gc.freeze() 26.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mptrace.analysis.facts import Facts, Place, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.forks import Fork, forks
from mptrace.analysis.wording import duration, percent, size
from mptrace.trace.model import Process
from mptrace.trace.nesting import interval

RULE = "copy-on-write"
LEAST_SHARE = 0.1  # of the parent's memory: what any child copies in order to run is less
LEAST_BYTES = 16 << 20  # 4,096 faults, or some 10 ms; the start of a small child takes a tenth of it
LEAST_FAULTED_BYTES = 64 << 20  # of which nobody knows if they are copies: a task may well need less of its own
SOON_NS = 5_000_000_000  # what a child does later is its work, and its own memory
PAGE_BYTES = 4096  # a fault copies no less
TITLES = {
    "gc": "Garbage collection copies {share} of the memory of {parent}",
    "writes": "Children copy {share} of the memory of {parent}",
    "faults": "Children touch {share} of the memory of {parent}, or as much of their own",
}
FREEZE = "Take what there is out of the collector's sight before the fork:\n    gc.freeze()"
REMEDIES = {
    "gc": FREEZE,
    "writes": "Keep large data in arrays or in multiprocessing.shared_memory, which have few reference counts",
    "faults": "Run again with MPTRACE_MEMORY=1, which tells copies from new memory",
}

Cause = Literal["gc", "writes", "faults"]


@dataclass(frozen=True, slots=True)
class _Copied:
    """What one child copied, for which *cause*; ``taken`` is when, as far as that is known."""

    fork: Fork
    child: Process
    cause: Cause
    count: int
    taken: Sequence[Taken]


def find(facts: Facts) -> Iterator[Finding]:
    """Report the children of each parent together, by cause."""
    groups: dict[tuple[int, Cause], list[_Copied]] = defaultdict(list)
    for fork in forks(facts.trace):
        copied = _copied(fork)
        if copied:
            groups[fork.parent.pid, copied.cause].append(copied)
    for (_, cause), group in groups.items():
        worst = max(group, key=lambda copied: copied.count)
        taken = [each for copied in group for each in copied.taken]
        share = percent(worst.count / worst.fork.resident_bytes)
        yield Finding(
            rule=RULE,
            title=TITLES[cause].format(share=share, parent=worst.fork.parent.name),
            severity="note" if cause == "faults" else "warning",
            cost_ns=total_ns(taken),
            pids=[copied.child.pid for copied in group],
            where=list(dict.fromkeys(Place(one.fork.file, one.fork.line) for one in group if one.fork.file)),
            evidence=[
                f"children: {len(group)}, of which {worst.child.name} copied {size(worst.count)}"
                if cause != "faults"
                else f"children: {len(group)}, of which {worst.child.name} had page faults for {size(worst.count)}",
                f"memory of the parent at the fork: {size(worst.fork.resident_bytes)}",
                *([f"time in those collections: {duration(total_ns(taken))}"] if cause == "gc" else []),
            ],
            remedy=REMEDIES[cause],
            taken=taken,
        )


def _copied(fork: Fork) -> _Copied | None:
    """Return what the child of *fork* copied, by the surest evidence there is."""
    child = fork.child
    if child is None or not fork.resident_bytes:
        return None
    until_ns = (child.begin_ns if child.ready_ns is None else child.ready_ns) + SOON_NS
    collections = [
        (int(span.args["minor_faults"]) * PAGE_BYTES, Taken(child.pid, *interval(span, child)))
        for span in child.spans
        if span.category == "gc" and span.begin_ns <= until_ns and span.args.get("minor_faults")
    ]
    amounts: dict[Cause, int] = {
        "gc": sum(count for count, _ in collections),
        "writes": _unshared(child, until_ns),
        "faults": _faults(child, until_ns) * PAGE_BYTES,
    }
    for cause, count in amounts.items():
        least = LEAST_FAULTED_BYTES if cause == "faults" else LEAST_BYTES
        is_own = cause == "faults" and count > fork.resident_bytes  # no more can be copied than there is
        if count >= max(least, LEAST_SHARE * fork.resident_bytes) and not is_own:
            return _Copied(fork, child, cause, count, [taken for _, taken in collections] if cause == "gc" else ())
        if cause == "writes" and count:
            break  # all copies are known, and they are few
    return None


def _unshared(child: Process, until_ns: int) -> int:
    """Return how much memory became private that had been shared, where that was read."""
    readings = [counter for counter in child.counters if counter.name == "memory" and counter.at_ns <= until_ns]
    if len(readings) < 2:
        return 0
    first, last = readings[0].values, readings[-1].values
    private = last.get("private", 0) - first.get("private", 0)
    return max(0, int(min(private, first.get("shared", 0) - last.get("shared", 0))))


def _faults(child: Process, until_ns: int) -> int:
    """Return how many page faults there were since the first count."""
    counts = [
        int(counter.values["minor"])
        for counter in child.counters
        if counter.name == "page faults" and counter.at_ns <= until_ns and "minor" in counter.values
    ]
    return counts[-1] - counts[0] if counts else 0
