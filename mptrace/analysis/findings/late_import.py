"""The first task of each worker imports what could have been imported before.

What it detects:
    50 ms or more of imports in the course of the first task of workers of a pool. As a note, for it may be much
    later: the same imports after ready in two or more other children, whose tasks nobody knows (a plain Process, loky).

Why it costs:
    The pool says that it is ready and is not: the first task of each worker takes as long as the imports, whoever
    waits for it. In forked workers the same modules are imported once for each, though the parent could have done it
    for all of them.

Remedy:
    Import before the tasks: in the parent if workers are forked, or in the initializer.

        # before
        def work(item):
            import pandas
            ...

        # after
        def prepare():
            import pandas

        with multiprocessing.Pool(4, initializer=prepare) as pool:
            ...

When it is not reported:
    Where waiting for a CPU, not importing, took the time. For a worker whose first task was not finished. For later
    tasks of a pool. For what only one child imports, or imports in a thread beside the main one.

Source:
    https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Imported, Place, Taken, is_typical
from mptrace.analysis.findings.model import Finding, Prediction, total_ns
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration

RULE = "late-import"
LEAST_NS = 50_000_000  # a task that takes as long as the start of an interpreter
NAMED = 3
WORTH_NAMING = 0.1  # of what the dearest takes
FORKED = ("fork", "forkserver")
LIBRARY = "multiprocessing"


def find(facts: Facts) -> Iterator[Finding]:
    """Report the workers of one process and start method together, those of pools apart from the others."""
    for (_, method), ways in facts.siblings.items():
        late = {way.process.pid: imports for way in ways if (imports := _in_first_task(facts, way))}
        repeated = _repeated(facts, [way for way in ways if way.process.role == "process"])
        for is_pool, by_pid in ((True, late), (False, repeated)):
            group = [(way, by_pid[way.process.pid]) for way in ways if way.process.pid in by_pid]
            if group and is_typical([_unhindered_ns(facts, *late) for late in group], LEAST_NS):
                yield _finding(facts, method, group, is_pool=is_pool)


def _in_first_task(facts: Facts, way: StartUp) -> list[Imported]:
    return [
        imported
        for span in way.process.spans
        if span.category == "pool" and span.name == "first task" and span.end_ns is not None
        for imported in facts.roots(way.process)
        if imported.event.tid == span.tid and span.begin_ns <= imported.begin_ns < span.end_ns
    ]


def _repeated(facts: Facts, ways: Sequence[StartUp]) -> dict[int, list[Imported]]:
    """Return what these children imported after ready on the thread that was, if others did too, by their pid."""
    late: dict[int, list[Imported]] = {}
    for way in ways:
        threads = {phase.tid for phase in way.phases if phase.side == "child"}
        late[way.process.pid] = [
            imported
            for imported in facts.roots(way.process)
            if way.ready_ns is not None and imported.begin_ns >= way.ready_ns and imported.event.tid in threads
        ]
    children = Counter(module for imports in late.values() for module in {each.event.module for each in imports})
    again = {pid: [each for each in imports if children[each.event.module] > 1] for pid, imports in late.items()}
    return {pid: imports for pid, imports in again.items() if imports}


def _unhindered_ns(facts: Facts, way: StartUp, imports: Sequence[Imported]) -> int:
    """Return what the imports would have taken on an idle machine, by how long the worker waited for a CPU at work."""
    counts = [
        (counter.at_ns, counter.values["runqueue_ns"])
        for counter in facts.counters(way.process, "cpu")
        if way.ready_ns is not None and counter.at_ns >= way.ready_ns and "runqueue_ns" in counter.values
    ]
    wall_ns = total_ns(_taken(way, imports))
    if len(counts) < 2 or counts[-1][0] <= counts[0][0]:
        return wall_ns
    (begin_ns, before_ns), (end_ns, after_ns) = counts[0], counts[-1]
    return round(wall_ns * (1 - min(1.0, (after_ns - before_ns) / (end_ns - begin_ns))))


def _taken(way: StartUp, imports: Sequence[Imported]) -> list[Taken]:
    return [Taken(way.process.pid, each.begin_ns, each.end_ns) for each in imports]


def _finding(
    facts: Facts, method: str, late: Sequence[tuple[StartUp, Sequence[Imported]]], *, is_pool: bool
) -> Finding:
    taken = [time for way, imports in late for time in _taken(way, imports)]
    costs: dict[str, int] = defaultdict(int)
    places: dict[str, Place] = {}
    for way, imports in late:
        for each in imports:
            costs[each.event.module] += each.end_ns - each.begin_ns
            places.setdefault(each.event.module, _place(facts, way, each))
    first, *others = sorted(costs, key=lambda module: -costs[module])[:NAMED]
    dearest = [first, *(module for module in others if costs[module] >= WORTH_NAMING * costs[first])]
    number = sum(any(each.event.module == first for each in imports) for _, imports in late)
    by_worker = [total_ns(_taken(way, imports)) for way, imports in late]
    return Finding(
        rule=RULE,
        title=(
            f"{first} is imported by the first task of {counted(number, 'worker')}"
            if is_pool
            else f"{first} is imported by each of {counted(number, 'child', 'children')} after it was ready"
        ),
        severity="warning" if is_pool else "note",
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way, _ in late],
        where=list(dict.fromkeys(places[module] for module in dearest if places[module].file))
        or facts.places(way for way, _ in late),
        evidence=[
            f"{module}: {duration(costs[module])} in all workers together, imported {_said(places[module])}"
            for module in dearest
        ],
        remedy=_remedy(method, dearest) if is_pool else _remedy_without_pool(method, dearest),
        taken=taken,
        # Forked workers have what their parent has; others import it before the task instead of in it.
        predicted=Prediction(sum(by_worker), "imports in the parent") if method in FORKED else None,
    )


def _place(facts: Facts, way: StartUp, imported: Imported) -> Place:
    """Return the line that asked for an import; none where it was multiprocessing, which unpickles a task."""
    event = imported.event
    is_librarys = event.importer.partition(".")[0] == LIBRARY
    return Place("", 0) if is_librarys else facts.place(way.process, event.importer, event.line)


def _said(place: Place) -> str:
    return f"at {place.file}, line {place.line}" if place.file else "in the unpickling of the task"


def _remedy(method: str, modules: Sequence[str]) -> str:
    if method == "fork":
        return "Import it in the parent, before the workers are forked:\n    import " + ", ".join(modules)
    return f"Import it in the initializer:\n    def prepare():\n        import {', '.join(modules)}"


def _remedy_without_pool(method: str, modules: Sequence[str]) -> str:
    if method == "fork":
        return _remedy(method, modules)
    if method == "subprocess":
        return "Keep these processes for later tasks, or start fewer: each imports what its first task needs."
    preload = ", ".join(f'"{module}"' for module in modules)
    return (
        "Let a server import it that the children are forked from:\n"
        '    context = multiprocessing.get_context("forkserver")\n'
        f"    context.set_forkserver_preload([{preload}])"
    )
