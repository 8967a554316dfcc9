"""The first task of each worker imports what could have been imported before.

What it detects:
    50 ms or more of imports in the course of the first task of workers of a pool.

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
    For a worker whose first task was not finished, or which is not one of multiprocessing.Pool or
    ProcessPoolExecutor. For later tasks.

Source:
    https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor
"""

from collections import defaultdict
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


def find(facts: Facts) -> Iterator[Finding]:
    """Report the workers of one process and start method together."""
    for (_, method), ways in facts.siblings.items():
        late = [(way, imports) for way in ways if (imports := _in_first_task(facts, way))]
        if late and is_typical([total_ns(_taken(way, each)) for way, each in late], LEAST_NS):
            yield _finding(facts, method, late)


def _in_first_task(facts: Facts, way: StartUp) -> list[Imported]:
    return [
        imported
        for span in way.process.spans
        if span.category == "pool" and span.name == "first task" and span.end_ns is not None
        for imported in facts.roots(way.process)
        if imported.event.tid == span.tid and span.begin_ns <= imported.begin_ns < span.end_ns
    ]


def _taken(way: StartUp, imports: Sequence[Imported]) -> list[Taken]:
    return [Taken(way.process.pid, each.begin_ns, each.end_ns) for each in imports]


def _finding(facts: Facts, method: str, late: Sequence[tuple[StartUp, Sequence[Imported]]]) -> Finding:
    taken = [time for way, imports in late for time in _taken(way, imports)]
    costs: dict[str, int] = defaultdict(int)
    places: dict[str, Place] = {}
    for way, imports in late:
        for each in imports:
            costs[each.event.module] += each.end_ns - each.begin_ns
            places.setdefault(each.event.module, facts.place(way.process, each.event.importer, each.event.line))
    first, *others = sorted(costs, key=lambda module: -costs[module])[:NAMED]
    dearest = [first, *(module for module in others if costs[module] >= WORTH_NAMING * costs[first])]
    by_worker = [total_ns(_taken(way, imports)) for way, imports in late]
    return Finding(
        rule=RULE,
        title=f"{first} is imported by the first task of {counted(len(late), 'worker')}",
        severity="warning",
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way, _ in late],
        where=list(dict.fromkeys(places[module] for module in dearest if places[module].file)),
        evidence=[
            f"{module}: {duration(costs[module])} in all workers together, imported at "
            f"{places[module].file or 'the unpickling of the task'}, line {places[module].line}"
            for module in dearest
        ],
        remedy=_remedy(method, dearest),
        taken=taken,
        # Forked workers have what their parent has; others import it before the task instead of in it.
        predicted=Prediction(sum(by_worker), "imports in the parent") if method in FORKED else None,
    )


def _remedy(method: str, modules: Sequence[str]) -> str:
    if method == "fork":
        return "Import it in the parent, before the workers are forked:\n    import " + ", ".join(modules)
    return f"Import it in the initializer:\n    def prepare():\n        import {', '.join(modules)}"
