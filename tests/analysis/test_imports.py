"""What imports cost: self and cumulative times, per process and over all of them."""

from hypothesis import given
from hypothesis import strategies as st

from mptrace.analysis.imports import ImportTotals, ModuleCost, costs, merged, totals
from mptrace.trace.model import Import
from tests.trace.traces import MS, imported, process, span


def test_self_time_leaves_out_what_was_imported_in_turn() -> None:
    """Self time is a module's own, cumulative time all of it."""
    known = process(1, imports=[imported("app", 0, 10), imported("json", 2, 8), imported("json.decoder", 3, 4)])
    assert [(cost.event.module, cost.self_ns, cost.cumulative_ns) for cost in costs(known)] == [
        ("app", 4 * MS, 10 * MS), ("json", 5 * MS, 6 * MS), ("json.decoder", 1 * MS, 1 * MS),
    ]  # fmt: skip


def test_our_own_work_is_nobodys_self_time() -> None:
    """What mptrace does inside an import is taken out of it; a lock the module waits for is not."""
    spans = [span("patch os", 2, 3, "tracer"), span("import lock x", 5, 7, "lock")]
    assert [cost.self_ns for cost in costs(process(1, imports=[imported("app", 0, 10)], spans=spans))] == [9 * MS]


def test_threads_import_side_by_side() -> None:
    """An import on another thread at the same time is no child."""
    known = process(1, imports=[imported("a", 0, 10), imported("b", 2, 8, tid=2)])
    assert [cost.self_ns for cost in costs(known)] == [10 * MS, 6 * MS]
    assert totals(known) == ImportTotals(2, 16 * MS)


def test_unfinished_import_lasts_until_the_last_sign_of_life() -> None:
    """A process that was killed while importing spent its last moments on that."""
    known = process(1, imports=[imported("slow", 90, None)], last_ns=97 * MS)
    assert [(cost.self_ns, cost.cumulative_ns) for cost in costs(known)] == [(7 * MS, 7 * MS)]


def test_totals_count_a_moment_once() -> None:
    """Nested imports are one stretch of time; a failed one took time, but is no module."""
    known = process(1, imports=[imported("a", 0, 10), imported("b", 2, 4), imported("c", 20, 25, is_failed=True)])
    assert totals(known) == ImportTotals(2, 15 * MS)


def test_modules_are_summed_over_processes() -> None:
    """Each module is one line, the costliest by self time first, loaded as in most processes."""
    first = process(1, imports=[imported("a", 0, 10, loader="source"), imported("b", 2, 4)])
    others = [process(pid, imports=[imported("a", 0, 5)]) for pid in (2, 3)]
    assert merged([first, *others]) == [
        ModuleCost("a", 3, 3, 18 * MS, 20 * MS, "bytecode"),
        ModuleCost("b", 1, 1, 2 * MS, 2 * MS, "bytecode"),
    ]


def test_module_executed_twice_in_a_process_is_counted_twice() -> None:
    """A module that was removed and imported again cost twice."""
    known = process(1, imports=[imported("a", 0, 1), imported("a", 5, 7)])
    assert merged([known]) == [ModuleCost("a", 1, 2, 3 * MS, 3 * MS, "bytecode")]


@given(st.lists(st.builds(imported, st.sampled_from("abc"), st.integers(0, 40), st.integers(0, 60), tid=st.just(1))))
def test_self_times_of_a_thread_add_up_to_its_wall_time(imports: list[Import]) -> None:
    """Whatever was imported, the self times are together the time that was spent importing."""
    known = process(1, imports=imports)
    assert sum(cost.self_ns for cost in costs(known)) == totals(known).wall_ns
