"""Imports of many processes as one tree."""

from typing import Any

from mptrace.report.icicle import icicle
from mptrace.trace.model import Process
from tests.report.examples import imported, process


def tree(*processes: Process) -> list[list[Any]]:
    """Return the nodes with their names."""
    names = [""]

    def number_of(name: str) -> int:
        if name not in names:
            names.append(name)
        return names.index(name)

    return [[parent, names[name], *rest] for parent, name, *rest in icicle(processes, number_of)]


def test_same_chain_is_one_node() -> None:
    """Its times are added up, and the processes counted; around all of them is the first node."""
    one = process(1, "one", imports=[imported("a", 0, 10), imported("b", 2, 6)])
    two = process(2, "two", imports=[imported("a", 0, 20), imported("c", 5, 10)])
    assert tree(one, two) == [
        [-1, "", 30.0, 0, 0, 0],
        [0, "a", 30.0, 21.0, 2, 0],
        [1, "b", 4.0, 4.0, 1, 0],
        [1, "c", 5.0, 5.0, 1, 0],
    ]


def test_module_imported_elsewhere_is_another_node() -> None:
    """What imports it is part of what it is."""
    nodes = tree(process(1, "one", imports=[imported("a", 0, 10), imported("b", 2, 6), imported("b", 20, 21)]))
    assert [(parent, name) for parent, name, *_ in nodes] == [(-1, ""), (0, "a"), (1, "b"), (0, "b")]


def test_what_is_too_narrow_is_counted() -> None:
    """In the node that it lies in."""
    nodes = tree(process(1, "one", imports=[imported("a", 0, 10_000), imported("b", 1, 2), imported("c", 3, 4)]))
    assert nodes == [[-1, "", 10_000.0, 0, 0, 0], [0, "a", 10_000.0, 9_998.0, 1, 2]]


def test_import_that_outlasts_its_importer_ends_with_it() -> None:
    """So that the time inside is never more than the time around it."""
    assert tree(process(1, "one", imports=[imported("a", 0, 10), imported("b", 5, 11)]))[1:] == [
        [0, "a", 10.0, 5.0, 1, 0],
        [1, "b", 5.0, 5.0, 1, 0],
    ]


def test_no_imports_are_a_node_without_time() -> None:
    """There is always a first node."""
    assert tree(process(1, "one")) == [[-1, "", 0.0, 0, 0, 0]]
