"""Imports as a tree: which module was executed in the course of which, in one process or in many at once.

Offline. The tree follows time, not names: below a module is what was executed while it was. The same place in the trees
of several processes, told by the modules on the way to it, is one node. Its importer and line are those of the first
process: who asked first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from mptrace.trace.model import Import, Process
from mptrace.trace.nesting import import_self_times, interval, nest

# The importing module, and its line.
Asked = tuple[str, int]


@dataclass(slots=True)
class Node:
    """One module at one place of the tree. ``taken_ns`` is what it took, with all below it, in each process."""

    module: str
    importer: str = ""
    line: int = 0
    loader: str = ""
    self_ns: int = 0
    taken_ns: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    inner: dict[str, "Node"] = field(default_factory=dict)

    @property
    def processes(self) -> int:
        """In how many processes it was executed at this place."""
        return len(self.taken_ns)

    @property
    def total_ns(self) -> int:
        """What it took in all processes together."""
        return sum(self.taken_ns.values())

    @property
    def median_ns(self) -> int:
        """What it took in the middle one of the processes."""
        return round(median(self.taken_ns.values()))

    @property
    def worst_ns(self) -> int:
        """What it took in the slowest process."""
        return max(self.taken_ns.values())

    def nodes(self) -> "list[Node]":
        """Return what is right below it, the dearest first."""
        return sorted(self.inner.values(), key=lambda node: -node.total_ns)


@dataclass(frozen=True, slots=True)
class Trees:
    """What was imported on the way to ready, and what after it; all that a process imported that never became ready."""

    before: Node
    after: Node


def trees(processes: Iterable[Process]) -> Trees:
    """Return the imports of *processes* as one tree. Its roots have no module, and take what all below them take."""
    found = Trees(Node(""), Node(""))
    for process in processes:
        self_ns = dict(zip(map(id, process.imports), import_self_times(process), strict=True))
        for events in _by_thread(process.imports):
            _add(process, events, [self_ns[id(event)] for event in events], found)
    return found


def _by_thread(imports: Sequence[Import]) -> Iterable[Sequence[Import]]:
    threads: dict[int, list[Import]] = defaultdict(list)
    for event in imports:
        threads[event.tid].append(event)
    return threads.values()


def _add(process: Process, events: Sequence[Import], self_ns: Sequence[int], found: Trees) -> None:
    """Add the imports of one thread."""
    nodes: dict[int, Node] = {}
    for place in nest([interval(event, process) for event in events]):
        event = events[place.number]
        taken_ns = place.end_ns - place.begin_ns
        if place.parent is None:
            is_late = process.ready_ns is not None and event.begin_ns >= process.ready_ns
            parent = found.after if is_late else found.before
            parent.taken_ns[process.pid] += taken_ns
        else:
            parent = nodes[place.parent]
        node = parent.inner.get(event.module)
        if node is None:
            node = parent.inner[event.module] = Node(event.module, event.importer, event.line, event.loader)
        node.taken_ns[process.pid] += taken_ns
        node.self_ns += self_ns[place.number]
        nodes[place.number] = node


def importers(processes: Iterable[Process]) -> dict[str, list[Asked]]:
    """Return for each module who asked for it first, and at which line; who asked for that one; and so on."""
    chains: dict[str, list[Asked]] = {}
    for process in processes:
        first = {event.module: event for event in reversed(process.imports)}
        for module in first:
            if module not in chains:
                chains[module] = _chain(first, module)
    return chains


def _chain(first: Mapping[str, Import], module: str) -> list[Asked]:
    chain: list[Asked] = []
    seen = set()
    # Native code imports on nobody's behalf; two modules may ask for each other.
    while module in first and module not in seen and first[module].importer:
        seen.add(module)
        chain.append((first[module].importer, first[module].line))
        module = first[module].importer
    return chain


def walk(node: Node, depth: int = 0) -> Iterator[tuple[int, Node, Node]]:
    """Yield all that is below *node*: its depth, itself, and what it is right below. The dearest first."""
    for inner in node.nodes():
        yield depth, inner, node
        yield from walk(inner, depth + 1)
