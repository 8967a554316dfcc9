"""The imports of many processes as one tree, to be drawn: which module was imported inside which, and what that took.

Offline. What is too narrow to be seen is left out, and counted in the node that it lies in.
"""

from collections.abc import Callable, Iterable
from typing import Any

from mptrace.analysis import import_tree
from mptrace.analysis.import_tree import Node
from mptrace.report.words import ms
from mptrace.trace.model import Process

# Of the time of the whole tree: less is a pixel on no screen.
LEAST_SHARE = 0.0004


def icicle(processes: Iterable[Process], number_of: Callable[[str], int]) -> list[list[Any]]:
    """Return the nodes of the tree, each after the one that it lies in.

    Of each: the place of that one in the list (-1 for the first, which is around everything), its name's number, its
    wall time with and without what lies in it, in how many processes it was, and how many nodes in it are left out.
    """
    root = import_tree.whole(processes)
    total_ns = root.total_ns
    nodes: list[list[Any]] = [[-1, number_of(""), ms(total_ns), 0, 0, 0]]
    _add(nodes, 0, root, LEAST_SHARE * total_ns, number_of)
    return nodes


def _add(nodes: list[list[Any]], place: int, node: Node, least_ns: float, number_of: Callable[[str], int]) -> None:
    """Add what is below *node*, which has a *place* in the list already."""
    for inner in node.inner.values():
        if inner.total_ns < least_ns:
            nodes[place][5] += 1
            continue
        nodes.append([place, number_of(inner.module), ms(inner.total_ns), ms(inner.own_ns), inner.processes, 0])
        _add(nodes, len(nodes) - 1, inner, least_ns, number_of)
