"""The same modules are imported by each child before it is ready.

What it detects:
    Two or more children of one process that execute the same modules on their way to ready, for at least 100 ms
    each and 30 % of the way. Reported is the import that pulls in the rest, and the line it stands on.

Why it costs:
    A spawned child is a new interpreter: whatever the main module imports, and whatever is needed to unpickle the
    target, it executes again. With more children than CPUs they do so one after another.

Remedy:
    Let a server import it once, and let the children be forked from that. Or import later, or less: what only the
    parent needs belongs under the guard, or into the function that uses it.

        # before
        context = multiprocessing.get_context("spawn")

        # after
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["pandas"])

    Children that live longer pay less often: keep one pool for the whole program.

When it is not reported:
    As a note only for programs that were started with subprocess, which do not say when they are ready: there the
    share is that of their lives. Not for what multiprocessing and runpy are made of, and site. Not for a child alone.
    Not where waiting for a CPU, not importing, took the time: see oversubscribed-start.

Source:
    https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods
    Of 87 threads of people whose processes start slowly, 22 turned out to be this: the most frequent cause.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mptrace.analysis.facts import Facts, Imported, Place, Taken, is_typical, unhindered_ns
from mptrace.analysis.findings.model import Finding, Prediction, merged, total_ns
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, percent

RULE = "repeated-import"
LEAST_NS = 100_000_000  # what a person notices
LEAST_SHARE = 0.3  # less than a third of the way is not what makes it long
LEAST_PROCESSES = 2  # one child repeats nothing
# In these phases the interpreter and multiprocessing import what they are made of.
OTHERS = ("interpreter", "site", "bootstrap-import")
# What these import of the standard library, the children cannot do without. What else they import, they are told to:
# it is the module of a target, or the package of the module that is run by -m.
LIBRARY = {"multiprocessing": "in unpickling", "runpy": "to run the main module"}
NAMED = 3
WORTH_NAMING = 0.1  # of what the dearest takes
PROGRAM = "subprocess"  # both the role and the start method; other libraries (loky) start their workers so as well
REMEDIES = {
    "spawn": "Import it once, in a server that the children are forked from:",
    "forkserver": "Have the fork server import it once:",
    "fork": "Import it in the parent, before the children are forked.",
    PROGRAM: "Start fewer programs that live longer, or import in them only what they need.",
}


@dataclass(frozen=True, slots=True)
class Repeated:
    """What one child imported on its way that another child imported as well: outermost imports only."""

    way: StartUp
    imports: Sequence[Imported]
    taken: Sequence[Taken]
    wall_ns: int

    @property
    def way_ns(self) -> int:
        """How long the way was, or lasted until the child was gone."""
        return (self.way.ready_ns or self.way.process.last_ns) - self.way.begin_ns


def find(facts: Facts) -> Iterator[Finding]:
    """Report the children of one process and start method together."""
    for method, ways in _groups(facts):
        children = _repeated(facts, ways)
        if len(children) < LEAST_PROCESSES or _share(children) < LEAST_SHARE:
            continue
        if is_typical([unhindered_ns(child.way, child.wall_ns, child.taken) for child in children], LEAST_NS):
            yield _finding(facts, method, children)


def _groups(facts: Facts) -> Iterator[tuple[str, Sequence[StartUp]]]:
    """Yield the children that may repeat each other's imports, with their start method."""
    yield from ((method, ways) for (_, method), ways in facts.siblings.items())
    programs: dict[tuple[int | None, str], list[StartUp]] = defaultdict(list)
    for way in facts.ways:
        if way.process.role == PROGRAM:
            programs[way.process.parent_pid, way.process.name].append(way)
    yield from ((PROGRAM, ways) for ways in programs.values())


def _repeated(facts: Facts, ways: Sequence[StartUp]) -> list[Repeated]:
    """Return what the children repeat, for those that repeat anything."""
    imported = [(way, list(_on_the_way(facts, way))) for way in ways]
    processes: dict[str, set[int]] = defaultdict(set)
    for way, found in imported:
        for each in found:
            processes[each.event.module].add(way.process.pid)
    children = []
    for way, found in imported:
        again = [each for each in found if len(processes[each.event.module]) >= LEAST_PROCESSES]
        if again:
            over_ns = way.process.last_ns if way.ready_ns is None else way.ready_ns
            taken = merged(Taken(way.process.pid, each.begin_ns, min(each.end_ns, over_ns)) for each in again)
            children.append(Repeated(way, again, taken, total_ns(taken)))
    return children


def _on_the_way(facts: Facts, way: StartUp) -> Iterator[Imported]:
    """Yield the outermost imports before ready that are not the library's own."""
    others = [(phase.begin_ns, phase.end_ns) for phase in facts.phases(way, *OTHERS)]
    for imported in facts.roots(way.process):
        if way.ready_ns is not None and imported.begin_ns >= way.ready_ns:
            return
        if not _is_librarys_own(imported) and not any(
            begin_ns <= imported.begin_ns < end_ns for begin_ns, end_ns in others
        ):
            yield imported


def _is_librarys_own(imported: Imported) -> bool:
    """Return whether the library asked for one of its own modules."""
    event = imported.event
    return event.importer.partition(".")[0] in LIBRARY and event.module.partition(".")[0] in sys.stdlib_module_names


def _share(children: Sequence[Repeated]) -> float:
    """Return which share of the ways of the children, all together, went into these imports."""
    return sum(child.wall_ns for child in children) / max(1, sum(child.way_ns for child in children))


def _finding(facts: Facts, method: str, children: Sequence[Repeated]) -> Finding:
    by_module: dict[str, list[Imported]] = defaultdict(list)
    places: dict[str, Place] = {}
    for child in children:
        for each in child.imports:
            if each.event.module not in places:
                places[each.event.module] = _place(facts, child.way, each)
            by_module[each.event.module].append(each)
    total = {module: sum(each.end_ns - each.begin_ns for each in found) for module, found in by_module.items()}
    first, *others = sorted(total, key=lambda module: -total[module])[:NAMED]
    dearest = [first, *(module for module in others if total[module] >= WORTH_NAMING * total[first])]
    walls_ns = [child.wall_ns for child in children]
    gain_ns = sum(walls_ns) - max(walls_ns)
    is_program = children[0].way.process.role == PROGRAM
    said = "the lives" if children[0].way.ready_ns is None else "the time to ready"
    written = list(dict.fromkeys(places[module] for module in dearest if places[module].line))
    return Finding(
        rule=RULE,
        title=f"{first} is imported again by each of {counted(len(by_module[first]), 'child', 'children')}",
        severity="note" if is_program else "warning",
        cost_ns=sum(walls_ns),
        pids=[child.way.process.pid for child in children],
        where=written or facts.places(child.way for child in children),
        evidence=[
            f"share of {said} of {counted(len(children), 'child', 'children')}: {percent(_share(children))}",
            *(_evidence(module, by_module[module], places[module]) for module in dearest),
        ],
        remedy=_remedy(method, dearest),
        taken=[time for child in children for time in child.taken],
        predicted=None if method == PROGRAM else Prediction(gain_ns, "one import for all of them"),
    )


def _place(facts: Facts, way: StartUp, imported: Imported) -> Place:
    """Return the line that asked for an import; without a line, what the library was doing when it asked."""
    importer = imported.event.importer
    asked = LIBRARY.get(importer.partition(".")[0]) if importer else LIBRARY["multiprocessing"]
    return Place(asked, 0) if asked else facts.place(way.process, importer, imported.event.line)


def _evidence(module: str, imports: Sequence[Imported], place: Place) -> str:
    mean_ns = sum(each.end_ns - each.begin_ns for each in imports) // len(imports)
    by = f"by {place.file}, line {place.line}" if place.line else place.file
    return f"{module}: {duration(mean_ns)} in each, asked for {by}"


def _remedy(method: str, modules: Sequence[str]) -> str:
    if method in ("fork", PROGRAM):
        return REMEDIES[method]
    preload = ", ".join(f'"{module}"' for module in modules)
    lines = [REMEDIES[method], '    context = multiprocessing.get_context("forkserver")']
    return "\n".join([*lines, f"    context.set_forkserver_preload([{preload}])"])
