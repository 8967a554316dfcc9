"""Python's own start takes long in each child: site, with its .pth files and sitecustomize.

What it detects:
    The phase `site` of spawned children, and of other Python programs that were started, where it takes 50
    milliseconds or more.

Why it costs:
    Each new interpreter runs every .pth file of its environment and sitecustomize before the program's first
    line: monitoring agents, coverage, finders of editable installations. It is a few milliseconds without them.

Remedy:
    Take what children do not need out of the environment, or switch it off there.

        # before
        DD_TRACE_ENABLED=true python app.py

        # after
        context = multiprocessing.get_context("forkserver")  # one interpreter for all children

When it is not reported:
    For a forked child, which has it from its parent. Where fewer than half of the children are slow: the
    machine was busy then. What the child waited for a CPU is left out.

Source:
    https://docs.python.org/3/library/site.html
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Imported, Place, Taken, is_typical, waits_ns
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, names
from mptrace.trace.model import Import, Phase
from mptrace.trace.nesting import intervals, outermost

RULE = "slow-site"
LEAST_NS = 50_000_000  # a bare interpreter needs 1 to 5 ms, a virtual environment with editable packages 10
MOST_IMPORTS = 3
CUSTOMIZE = ("sitecustomize", "usercustomize")


def find(facts: Facts) -> Iterator[Finding]:
    """Report all children together: they share one environment."""
    sites = [
        (way, phase)
        for way in facts.ways
        if way.process.start_method != "root"
        for phase in facts.phases(way, "site")
        if phase.side == "child"
    ]
    slow = [(way, phase) for way, phase in sites if _awake_ns(way, phase) >= LEAST_NS]
    if not slow or not is_typical([_awake_ns(way, phase) for way, phase in sites], LEAST_NS):
        return
    taken = [Taken(way.process.pid, phase.begin_ns, phase.end_ns) for way, phase in slow]
    imports = _imports(slow)
    yield Finding(
        rule=RULE,
        title=f"site takes {duration(total_ns(taken) // len(slow))} in {counted(len(slow), 'process', 'processes')}",
        severity="warning",
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way, _ in slow],
        where=_places(facts, imports),
        evidence=[
            f"children with a slow site: {len(slow)} of {len(sites)}",
            *([f"what was imported there: {names(_written(imports), MOST_IMPORTS)}"] if imports else []),
        ],
        remedy="Switch off in children what .pth files and sitecustomize load, or start one interpreter for all:\n"
        '    multiprocessing.set_start_method("forkserver")',
        taken=taken,
    )


def _awake_ns(way: StartUp, phase: Phase) -> int:
    """Return how long a phase was without the waits for a CPU in it."""
    return phase.end_ns - phase.begin_ns - sum(ns for waited, ns in waits_ns(way) if waited is phase)


Group = dict[str, list[tuple[StartUp, Imported]]]


def _imports(slow: Sequence[tuple[StartUp, Phase]]) -> Group:
    """Return the outermost imports in those phases by module, the dearest first.

    Of sitecustomize, what it imports, unless it took the larger part of its time itself.
    """
    groups: Group = defaultdict(list)
    for way, phase in slow:
        events = [event for event in way.process.imports if phase.begin_ns <= event.begin_ns < phase.end_ns]
        inner = _outermost(way, [event for event in events if event.module not in CUSTOMIZE])
        custom = _outermost(way, [event for event in events if event.module in CUSTOMIZE])
        own = [each for each in custom if sum(_within_ns(one, each) for one in inner) < _time_ns(each) / 2]
        for each in [*own, *(one for one in inner if not any(_within_ns(one, each) for each in own))]:
            groups[each.event.module].append((way, each))
    return dict(sorted(groups.items(), key=lambda item: -_wall_ns(item[1])))


def _outermost(way: StartUp, events: Sequence[Import]) -> list[Imported]:
    times = outermost(intervals(events, way.process))
    return [Imported(events[number], begin_ns, end_ns) for begin_ns, end_ns, number in times]


def _time_ns(imported: Imported) -> int:
    return imported.end_ns - imported.begin_ns


def _within_ns(inner: Imported, outer: Imported) -> int:
    """Return how long *inner* is if it is in the course of *outer*."""
    is_within = inner.event.tid == outer.event.tid and outer.begin_ns <= inner.begin_ns < outer.end_ns
    return _time_ns(inner) if is_within else 0


def _wall_ns(imports: Sequence[tuple[StartUp, Imported]]) -> int:
    return sum(_time_ns(root) for _, root in imports)


def _written(groups: Group) -> list[str]:
    return [f"{module} ({duration(_wall_ns(imports))})" for module, imports in groups.items()]


def _places(facts: Facts, groups: Group) -> list[Place]:
    """Return the line that imported the dearest one; of sitecustomize no line, since it is site that imports it."""
    for imports in groups.values():
        way, root = imports[0]
        if root.event.module in CUSTOMIZE:
            return [Place(root.event.module, 0)]
        return [facts.place(way.process, root.event.importer, root.event.line)]
    return []
