"""Forking a process takes long, because it is large.

What it detects:
    A fork that takes ten milliseconds or more of a CPU.

Why it costs:
    A fork does not copy memory, but it copies the page tables that say where the memory is: 19 ms for each GiB
    that the parent uses, in pages of 4 KiB. The parent and the child both wait for it, at every fork.

Remedy:
    Fork before the memory is filled, or from a process that stays small.

        # before
        data = load()
        pool = multiprocessing.get_context("fork").Pool(4)

        # after
        pool = multiprocessing.get_context("forkserver").Pool(4)
        data = load()

When it is not reported:
    For a fork that took long only because it waited for a CPU. Memory in huge pages, or shared by
    mmap.MAP_SHARED, costs next to nothing, so its size alone proves nothing.

Source:
    https://man7.org/linux/man-pages/man2/fork.2.html
    Measured: 8 GiB 174 ms, with transparent huge pages 3.5 ms.
"""

from collections import defaultdict
from collections.abc import Iterator

from mptrace.analysis.facts import Facts, Place, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.forks import Fork, forks
from mptrace.analysis.wording import counted, duration, size

RULE = "large-fork"
LEAST_NS = 10_000_000  # half a GiB of small pages; a fork of a small process takes less than 1 ms
REMEDY = (
    "Start the processes before the memory is filled, or fork them from a process that stays small:\n"
    '    multiprocessing.set_start_method("forkserver")'
)


def find(facts: Facts) -> Iterator[Finding]:
    """Report the forks of each parent together."""
    groups: dict[int, list[Fork]] = defaultdict(list)
    for fork in forks(facts.trace):
        if fork.phase.cpu_ns >= LEAST_NS:
            groups[fork.parent.pid].append(fork)
    for group in groups.values():
        parent = group[0].parent
        largest = max(group, key=lambda fork: fork.phase.cpu_ns)
        taken = [
            Taken((fork.child or parent).pid, fork.phase.begin_ns, max(fork.phase.begin_ns, fork.phase.end_ns))
            for fork in group
        ]
        evidence = [f"slow forks: {len(group)}, the longest {duration(largest.phase.cpu_ns)} on a CPU"]
        if largest.page_table_bytes:
            evidence.append(f"page tables to copy: {size(largest.page_table_bytes)}")
        if largest.resident_bytes:
            evidence.append(f"memory that they describe: {size(largest.resident_bytes)}")
        yield Finding(
            rule=RULE,
            title=f"{parent.name} is large: {counted(len(group), 'fork')} of it took {duration(total_ns(taken))}",
            severity="warning",
            cost_ns=total_ns(taken),
            pids=[fork.child.pid for fork in group if fork.child] or [parent.pid],
            where=list(dict.fromkeys(Place(fork.file, fork.line) for fork in group if fork.file)),
            evidence=evidence,
            remedy=REMEDY,
            taken=taken,
        )
