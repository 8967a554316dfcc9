"""Imports wait for the file system.

What it detects:
    Children that were neither on a CPU nor waiting for one for half of the time of the phases in which they imported,
    while modules were being looked for and read. Or 50 or more page faults in a start-up that had to read from a disk.

Why it costs:
    An import asks for dozens of files, most of which are not there, and reads the one that is. On a local disk that
    is in the page cache each takes microseconds; over a network each takes a round trip, and each child makes them
    again.

Remedy:
    Put the environment where it can be read quickly: on a disk of the machine, in memory, or in one file.

        # before
        PYTHONPATH=/nfs/home/me/env python app.py

        # after
        cp -r /nfs/home/me/env "$TMPDIR/env" && PYTHONPATH="$TMPDIR/env" python app.py

    Shorten sys.path: each folder on it is asked for each module. Import once, in a fork server. More workers make
    it worse.

When it is not reported:
    Where a module slept or waited by itself when it was executed: only the time until a module's code begins to run
    counts. As a note where only page faults show it: a second run may find everything in memory. Where less than 100 ms
    were lost.

Source:
    https://docs.python.org/3/library/sys_path_init.html
    Measured: import torch takes 1.76 s when nothing of it is in memory, with 137 such faults, then 0.83 s with none.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter

from mptrace.analysis.facts import Facts, Taken, waits_ns
from mptrace.analysis.findings.model import Finding, Severity, merged, total_ns
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, percent
from mptrace.trace.model import Import, Phase

RULE = "slow-filesystem"
LEAST_SHARE = 0.5  # imports from memory are CPU work
LEAST_FAULTS = 50  # a warm start-up has none, or a few
LEAST_NS = 100_000_000  # what a person notices
NAMED = 3


def find(facts: Facts) -> Iterator[Finding]:
    """Report all children together: they share the file system."""
    waiting, wall_ns, off_ns = [], 0, 0
    for way in facts.started:
        phases = _waiting(way)
        idle_ns = sum(each_ns for _, each_ns in phases)
        if idle_ns < LEAST_NS:
            continue
        taken = _within(_reading(way), [phase for phase, _ in phases])
        if total_ns(taken) >= max(LEAST_NS, LEAST_SHARE * idle_ns):
            waiting.append((way, taken))
            off_ns += idle_ns
            wall_ns += sum(phase.end_ns - phase.begin_ns for phase, _ in phases)
    if waiting:
        share = percent(off_ns / max(1, wall_ns))
        yield _finding(waiting, "warning", f"share of the phases with imports that was no CPU work: {share}")
        return
    faulting = [(way, _reading(way)) for way in facts.started if _major_faults(way) >= LEAST_FAULTS]
    if faulting:
        faults = sum(_major_faults(way) for way, _ in faulting)
        yield _finding(faulting, "note", f"page faults that read from a disk: {faults}")


def _waiting(way: StartUp) -> list[tuple[Phase, int]]:
    """Return the phases in which an import began, and how long they were neither on a CPU nor waiting for one.

    Only those of which that is the larger part; none where the kernel does not say.
    """
    imports = way.process.imports
    found = []
    for phase, waited_ns in waits_ns(way):
        wall_ns = phase.end_ns - phase.begin_ns
        off_ns = wall_ns - phase.cpu_ns - waited_ns
        position = bisect_left(imports, phase.begin_ns, key=attrgetter("begin_ns"))
        is_importing = position < len(imports) and imports[position].begin_ns < phase.end_ns
        if is_importing and off_ns >= LEAST_SHARE * wall_ns:
            found.append((phase, off_ns))
    return found


def _within(taken: Sequence[Taken], phases: Sequence[Phase]) -> list[Taken]:
    return [time for time in taken if any(phase.begin_ns <= time.begin_ns < phase.end_ns for phase in phases)]


def _reading(way: StartUp) -> list[Taken]:
    """Return when a child looked for modules and read them, on its way to ready: before it executed or compiled one."""
    found = []
    for event in way.process.imports:
        if way.ready_ns is not None and event.begin_ns >= way.ready_ns:
            break
        end_ns = _read_ns(event)
        if end_ns is not None:
            found.append(Taken(way.process.pid, event.begin_ns, end_ns))
    return merged(found)


def _read_ns(event: Import) -> int | None:
    """Return when a module had been found and read; a native one runs code of its own as it is loaded."""
    if event.loader == "extension":
        return event.load_ns
    return event.compile_ns or event.exec_ns or event.load_ns or (event.end_ns if event.is_failed else None)


def _major_faults(way: StartUp) -> int:
    return sum(phase.major_faults or 0 for phase in way.phases if phase.side == "child")


def _finding(times: Sequence[tuple[StartUp, Sequence[Taken]]], severity: Severity, evidence: str) -> Finding:
    taken = [time for _, each in times for time in each]
    reads: dict[str, int] = {}
    for way, _ in times:
        for event in way.process.imports:
            read_ns = _read_ns(event)
            if read_ns is not None and (way.ready_ns is None or event.begin_ns < way.ready_ns):
                reads[event.module] = max(reads.get(event.module, 0), read_ns - event.begin_ns)
    slowest = sorted(reads, key=lambda module: -reads[module])[:NAMED]
    return Finding(
        rule=RULE,
        title=f"{counted(len(times), 'child', 'children')} waited for the files of modules",
        severity=severity,
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way, _ in times],
        where=[],
        evidence=[
            f"looking for modules and reading them: {duration(total_ns(taken) // len(times))} in each child",
            evidence,
            *(f"{module} was found and read in {duration(reads[module])} at most" for module in slowest),
        ],
        remedy="Put the Python environment on a disk of this machine, or import once in a fork server.",
        taken=taken,
    )
