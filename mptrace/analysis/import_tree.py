"""Imports as a tree: which module was executed in the course of which, in one process or in many at once.

Offline. The tree follows time, not names: below a module is what was executed while it was. The same place in the trees
of several processes, told by the modules on the way to it, is one node. Its importer and line are those of the first
process: who asked first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from mptrace.trace.model import Import, Process
from mptrace.trace.nesting import import_self_times, intervals, outermost_first

# The importing module, and its line.
Asked = tuple[str, int]


@dataclass(slots=True)
class Node:
    """One module at one place of the tree. ``taken_ns`` is what it took, with all below it, in each process.

    ``last_pid`` is that of the last of them: they are added one after another.
    """

    module: str
    importer: str = ""
    line: int = 0
    loader: str = ""
    self_ns: int = 0
    taken_ns: list[int] = field(default_factory=list)
    last_pid: int | None = None
    inner: dict[str, "Node"] = field(default_factory=dict)

    @property
    def own_ns(self) -> int:
        """What it took in all processes together, without all below it."""
        return self.total_ns - sum(node.total_ns for node in self.inner.values())

    @property
    def processes(self) -> int:
        """In how many processes it was executed at this place."""
        return len(self.taken_ns)

    @property
    def total_ns(self) -> int:
        """What it took in all processes together."""
        return sum(self.taken_ns)

    @property
    def median_ns(self) -> int:
        """What it took in the middle one of the processes."""
        return round(median(self.taken_ns))

    @property
    def worst_ns(self) -> int:
        """What it took in the slowest process."""
        return max(self.taken_ns)

    def add(self, pid: int, wall_ns: int) -> None:
        """Add what it took in the process *pid*, once or one time of several."""
        if self.last_pid == pid:
            self.taken_ns[-1] += wall_ns
        else:
            self.last_pid = pid
            self.taken_ns.append(wall_ns)

    def nodes(self) -> "list[Node]":
        """Return what is right below it, the dearest first."""
        return sorted(self.inner.values(), key=lambda node: -node.total_ns)


@dataclass(frozen=True, slots=True)
class Trees:
    """What was imported on the way to ready, and what after it; all that a process imported that never became ready."""

    before: Node
    after: Node


def trees(processes: Iterable[Process], *, with_self_times: bool = True) -> Trees:
    """Return the imports of *processes* as one tree. Its roots have no module, and take what all below them take.

    Self times cost as much again as the rest; without them they are 0.
    """
    found = Trees(Node(""), Node(""))

    def root_of(event: Import) -> Node:
        is_late = process.ready_ns is not None and event.begin_ns >= process.ready_ns
        return found.after if is_late else found.before

    for process in processes:
        _add(process, root_of, with_self_times=with_self_times)
    return found


def whole(processes: Iterable[Process]) -> Node:
    """Return the imports of *processes*, whenever they were, as one tree without self times."""
    root = Node("")
    for process in processes:
        _add(process, lambda _: root)
    return root


def _add(process: Process, root_of: Callable[[Import], Node], *, with_self_times: bool = False) -> None:
    """Add the imports of *process*, each outermost one below the root that is its own.

    What nest() says of each thread, without making what it returns: a trace may hold a million imports.
    """
    pid, imports = process.pid, process.imports
    times = intervals(imports, process)
    self_ns = import_self_times(process, times) if with_self_times else ()
    # What is open on each thread, innermost last; at the bottom, nothing that never ends.
    open_on: dict[int, list[tuple[Node | None, float]]] = defaultdict(lambda: [(None, float("inf"))])
    for number in outermost_first(times):
        event = imports[number]
        begin_ns, end_ns = times[number]
        open_ = open_on[event.tid]
        while open_[-1][1] <= begin_ns:
            open_.pop()
        parent, last_ns = open_[-1]
        if parent is None:
            parent = root_of(event)
            parent.add(pid, end_ns - begin_ns)
        elif end_ns > last_ns:
            end_ns = int(last_ns)
        node = parent.inner.get(event.module)
        if node is None:
            node = parent.inner[event.module] = Node(event.module, event.importer, event.line, event.loader)
        node.add(pid, end_ns - begin_ns)
        if self_ns:
            node.self_ns += self_ns[number]
        open_.append((node, end_ns))


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
