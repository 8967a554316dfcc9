"""The imports of many processes as one tree: which module was imported inside which, and what that took in all.

Offline. Two imports are the same node where the whole chain of modules around them is the same. What is too narrow to
be seen is left out, and counted in the node that it lies in.
"""

from collections.abc import Callable, Iterable
from typing import Any

from mptrace.report.words import ms
from mptrace.trace.model import Import, Process
from mptrace.trace.nesting import intervals

# Of the time of the whole tree: less is a pixel on no screen.
LEAST_SHARE = 0.0004


class _Tree:
    """The tree as columns, since it is filled by a million imports; node 0 is that around everything."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[int, str], int] = {}
        self.wall_ns = [0]
        self.count = [0]
        self.processes = [0]
        self._last_pid = [0]

    def add(self, parent: int, module: str, wall_ns: int, pid: int) -> int:
        """Count one import, and return its node."""
        number = self.numbers.setdefault((parent, module), len(self.wall_ns))
        if number == len(self.wall_ns):
            for column in self.wall_ns, self.count, self.processes, self._last_pid:
                column.append(0)
        self.wall_ns[number] += wall_ns
        self.count[number] += 1
        if self._last_pid[number] != pid:
            self._last_pid[number] = pid
            self.processes[number] += 1
        return number


def icicle(processes: Iterable[Process], number_of: Callable[[str], int]) -> list[list[Any]]:
    """Return the nodes of the tree, each after the one that it lies in.

    Of each: the place of that one in the list (-1 for the first, which is around everything), its name's number, its
    wall time with and without what lies in it, in how many processes it was, and how many nodes in it are left out.
    """
    tree = _Tree()
    for process in processes:
        by_thread: dict[int, list[Import]] = {}
        for event in process.imports:
            by_thread.setdefault(event.tid, []).append(event)
        for events in by_thread.values():
            _add(tree, process, events)
    return _nodes(tree, number_of)


def _add(tree: _Tree, process: Process, events: list[Import]) -> None:
    """Add the imports of one thread. This is nest(), without making what it returns."""
    nodes, ends_ns = [0], [float("inf")]
    times = intervals(events, process)
    for number in sorted(range(len(times)), key=lambda number: (times[number][0], -times[number][1])):
        begin_ns, end_ns = times[number]
        while ends_ns[-1] <= begin_ns:
            nodes.pop()
            ends_ns.pop()
        end_ns = int(min(end_ns, ends_ns[-1]))
        if len(nodes) == 1:
            tree.wall_ns[0] += end_ns - begin_ns
        nodes.append(tree.add(nodes[-1], events[number].module, end_ns - begin_ns, process.pid))
        ends_ns.append(end_ns)


def _nodes(tree: _Tree, number_of: Callable[[str], int]) -> list[list[Any]]:
    own_ns = list(tree.wall_ns)
    for (parent, _), number in tree.numbers.items():
        own_ns[parent] -= tree.wall_ns[number]
    least_ns = LEAST_SHARE * tree.wall_ns[0]
    nodes: list[list[Any]] = [[-1, number_of(""), ms(tree.wall_ns[0]), 0, 0, 0]]
    place_of = {0: 0}
    for (parent, module), number in tree.numbers.items():  # in the order made, which is parents first
        place = place_of.get(parent)
        if place is None:
            continue
        if tree.wall_ns[number] < least_ns:
            nodes[place][5] += 1
            continue
        place_of[number] = len(nodes)
        times_ms = ms(tree.wall_ns[number]), ms(own_ns[number])
        nodes.append([place, number_of(module), *times_ms, tree.processes[number], 0])
    return nodes
