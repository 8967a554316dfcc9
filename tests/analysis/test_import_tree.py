"""Imports as a tree: below a module is what was executed in its course, in one process or many."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mptrace.analysis.import_tree import Node, importers, trees, walk
from mptrace.analysis.imports import totals
from mptrace.trace.model import Import
from tests.trace.traces import MS, imported, process, span


def shape(node: Node) -> list[tuple[int, str, int]]:
    """Return the depth, the module and the milliseconds of all that is below *node*."""
    return [(depth, inner.module, inner.total_ns // MS) for depth, inner, _ in walk(node)]


APP = [imported("app", 0, 10), imported("json", 2, 8), imported("json.decoder", 3, 4), imported("os", 9, 10)]


def test_tree_follows_time() -> None:
    """What was executed while a module was is below it, the dearest first."""
    found = trees([process(1, imports=APP)])
    assert shape(found.before) == [(0, "app", 10), (1, "json", 6), (2, "json.decoder", 1), (1, "os", 1)]
    assert shape(found.after) == []


def test_self_time_is_without_what_is_below() -> None:
    """A module's own time leaves out what it imported, and our own work."""
    found = trees([process(1, imports=APP, spans=[span("patch json", 8, 9, "tracer")])])
    assert [(node.module, node.self_ns // MS) for _, node, _ in walk(found.before)] == [
        ("app", 2), ("json", 5), ("json.decoder", 1), ("os", 1),
    ]  # fmt: skip


def test_trees_of_many_processes_are_one() -> None:
    """The same place in several processes is one node: in how many, median, worst and total."""
    processes = [
        process(pid, imports=[imported("app", 0, end), imported("json", 1, 2)]) for pid, end in ((1, 4), (2, 9), (3, 5))
    ]
    (app,) = trees(processes).before.nodes()
    assert (app.processes, app.median_ns, app.worst_ns, app.total_ns) == (3, 5 * MS, 9 * MS, 18 * MS)
    assert [(node.module, node.processes, node.total_ns) for node in app.nodes()] == [("json", 3, 3 * MS)]


def test_module_at_two_places_is_two_nodes() -> None:
    """A module that one process imports by way of another stands where it was imported."""
    direct = process(1, imports=[imported("json", 0, 2)])
    found = trees([direct, process(2, imports=[imported("app", 0, 10), imported("json", 2, 8)])])
    assert shape(found.before) == [(0, "app", 10), (1, "json", 6), (0, "json", 2)]


def test_imports_after_ready_are_apart() -> None:
    """What a process imports in the midst of its work is no part of its start-up; what began before is."""
    known = process(
        1, ready_ns=9 * MS, imports=[imported("app", 0, 10), imported("late", 20, 25), imported("b", 21, 22)]
    )
    found = trees([known, process(2, imports=[imported("app", 30, 31)])])
    assert shape(found.before) == [(0, "app", 11)]
    assert shape(found.after) == [(0, "late", 5), (1, "b", 1)]
    assert (found.before.processes, found.after.processes) == (2, 1)


def test_threads_are_side_by_side() -> None:
    """An import on another thread at the same time is not below this one."""
    known = process(1, imports=[imported("a", 0, 10), imported("b", 2, 8, tid=2)])
    assert shape(trees([known]).before) == [(0, "a", 10), (0, "b", 6)]


def test_importers_are_a_chain_to_the_main_module() -> None:
    """Who asked for a module first and at which line, who asked for that one, and so on."""
    imports = [
        imported("app", 0, 10, line=3),
        imported("json", 2, 8, importer="app", line=7),
        imported("json.decoder", 3, 4, importer="json", line=106),
        imported("re", 5, 6, importer=""),
    ]
    other = process(2, imports=[imported("json", 0, 1, line=99), imported("os", 2, 3, line=4)])
    assert importers([process(1, imports=imports), other]) == {
        "app": [("__main__", 3)],
        "json": [("app", 7), ("__main__", 3)],
        "json.decoder": [("json", 106), ("app", 7), ("__main__", 3)],
        "re": [],
        "os": [("__main__", 4)],
    }


def test_modules_that_ask_for_each_other_end_the_chain() -> None:
    """A circle is gone round once."""
    known = process(1, imports=[imported("a", 0, 9, importer="b", line=1), imported("b", 1, 8, importer="a", line=2)])
    assert importers([known])["a"] == [("b", 1), ("a", 2)]


@given(
    st.lists(st.builds(imported, st.sampled_from("abc"), st.integers(0, 40), st.integers(0, 60), tid=st.integers(1, 2)))
)
def test_roots_take_what_all_imports_take(imports: Sequence[Import]) -> None:
    """Whatever was imported, the tree's total is the time that was spent importing, and so are its self times."""
    known = process(1, imports=imports)
    before = trees([known]).before
    assert before.total_ns == totals(known).wall_ns == sum(node.total_ns for node in before.nodes())
    assert sum(node.self_ns for _, node, _ in walk(before)) == before.total_ns
