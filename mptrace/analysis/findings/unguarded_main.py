"""A process was started by the main module while a child was running that module again.

What it detects:
    A call of start(), by Process, a pool or a Manager, made by a spawn or forkserver child that had not
    finished its main module, or by a forkserver that imported it for its children (Python 3.14). Such a child is
    multiprocessing's copy of the main script, run under the name __mp_main__ so that its functions can be found.

Why it costs:
    The child cannot become ready. multiprocessing refuses the start with a RuntimeError, which ends the child;
    a pool replaces the child with another, which fails in the same way, without end. A forkserver ends, and the
    program with a ConnectionResetError. Where the start is not refused, every child starts children of its own.

Remedy:
    Start processes only where the script is run, and not where it is imported.

        # before
        pool = multiprocessing.Pool(4)
        pool.map(work, items)

        # after
        def main():
            with multiprocessing.Pool(4) as pool:
                pool.map(work, items)

        if __name__ == "__main__":
            main()

When it is not reported:
    For a start that a child makes after it was ready: that is a choice. For start method fork, which does not
    run the main module again. Where the child was killed before its call of start() was written down.

Source:
    https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods
    https://github.com/python/cpython/issues/116526
"""

import os
from collections.abc import Iterator

from mptrace.analysis.facts import Facts, Place, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.forkservers import starts_in_preload
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, names
from mptrace.trace.model import Start

RULE = "unguarded-main"
RUN_AGAIN = ("spawn", "forkserver")


def find(facts: Facts) -> Iterator[Finding]:
    """Report all children that tried, together: it is one missing guard."""
    tried = [(way, start) for way in facts.started for start in starts_in_main(way)]
    if not tried:
        return
    ways = list({way.process.pid: way for way, _ in tried}.values())
    taken = [Taken(way.process.pid, way.begin_ns, _until_ns(way)) for way in ways]
    main = facts.main_file(ways[0].process)
    yield Finding(
        rule=RULE,
        title=f"{os.path.basename(main) or 'The main module'} starts processes when it is imported",
        severity="error",
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way in ways],
        where=_places(facts, tried),
        evidence=[
            f"processes that called start() in the main module: {len(ways)}, {counted(len(tried), 'time')} in all",
            f"what they tried to start: {names(list(dict.fromkeys(start.process_name for _, start in tried)))}",
            f"never ready: {sum(way.ready_ns is None for way in ways)} of them",
        ],
        remedy='Put what starts processes under the guard:\n    if __name__ == "__main__":\n        main()',
        taken=taken,
    )


def _until_ns(way: StartUp) -> int:
    """Return until when it was of no use: for good, or for a forkserver, which may serve all the same, until then."""
    if way.process.role == "forkserver":
        return max(start.begin_ns for start in starts_in_preload(way.process))
    return way.process.last_ns


def starts_in_main(way: StartUp) -> list[Start]:
    """Return the starts on the way to ready, before or in the main module: nothing of the host's runs before it."""
    process = way.process
    if process.role == "forkserver":
        return starts_in_preload(process)
    if process.start_method not in RUN_AGAIN:
        return []
    over_ns = [phase.end_ns for phase in way.phases if phase.name == "main-module"]
    end_ns = min([*over_ns, *filter(None, [way.ready_ns]), process.last_ns + 1])
    return [start for start in process.starts if start.start_method != "subprocess" and start.begin_ns < end_ns]


def _places(facts: Facts, tried: list[tuple[StartUp, Start]]) -> list[Place]:
    """Return where start() was called. A call that failed did not say so: the statement it was in does, if recorded."""
    found: dict[Place, None] = {}
    for way, start in tried:
        if start.file:
            found[Place(start.file, start.line)] = None
            continue
        for statement in facts.statements(way.process):
            if statement.begin_ns <= start.begin_ns < statement.end_ns:
                found[Place(statement.file, statement.line)] = None
    return list(found)
