"""What has a duration is drawn whole, nested, and never without an end."""

from hypothesis import given
from hypothesis import strategies as st

from mptrace.trace.layout import MAX_DEPTH, layout
from mptrace.trace.model import End, Process
from tests.trace.traces import MS, imported, phase, process, span, start

KILLED = End("signaled", None, 9, 100 * MS)
EXITED = End("exited", 0, None, 100 * MS)


def drawn(known: Process) -> dict[str, tuple[float, float]]:
    """Return from when to when each event is drawn, in milliseconds, by name."""
    names = {"Import": "module", "Start": "process_name"}
    return {
        getattr(item.event, names.get(type(item.event).__name__, "name")): (item.begin_ns / MS, item.end_ns / MS)
        for item in layout(known)
    }


def test_unfinished_lasts_until_the_last_sign_of_life() -> None:
    """A span that was never finished is drawn up to the last moment of its process."""
    assert drawn(process(1, spans=[span("s", 5, None)], last_ns=70 * MS)) == {"s": (5, 70)}


def test_unfinished_inside_of_a_finished_one_is_cut_there() -> None:
    """What was left behind inside an import is over when that is."""
    known = process(1, imports=[imported("outer", 5, 20), imported("left", 7, None)])
    assert drawn(known) == {"outer": (5, 20), "left": (7, 20)}


def test_start_contains_its_phases() -> None:
    """Of a start and its first phase, which begin together, the start is the outer one, even if as long."""
    known = process(1, starts=[start("P", 5, 9)], phases=[phase("prepare", 5, 9, "parent")])
    assert [type(item.event).__name__ for item in layout(known)] == ["Start", "Phase"]


def test_start_that_failed_ends_with_its_last_phase() -> None:
    """A start() after which its thread went on was over with the last thing that belongs to it."""
    known = process(
        1,
        starts=[start("P", 10, None)],
        phases=[phase("prepare", 10, 12, "parent"), phase("pickle", 12, 15, "parent")],
        imports=[
            imported("multiprocessing.popen_spawn_posix", 11, 11.5, importer="multiprocessing.context"),
            imported("app.models", 13, 14, importer="multiprocessing.reduction"),
            imported("csv", 30, 31),
        ],
    )
    assert drawn(known)["P"] == (10, 15)


def test_start_that_failed_ends_before_the_next_one() -> None:
    """A later start() of the same thread proves that the first one was over."""
    known = process(
        1, starts=[start("A", 10, None), start("B", 50, 60)], phases=[phase("prepare", 10, 12, "parent")], end=KILLED
    )
    assert drawn(known) == {"A": (10, 12), "B": (50, 60), "prepare": (10, 12)}


def test_start_during_which_the_process_was_killed_lasts_to_the_end() -> None:
    """A start() that nothing came after was under way."""
    known = process(1, starts=[start("P", 10, None)], phases=[phase("prepare", 10, 12, "parent")], end=KILLED)
    assert drawn(known)["P"] == (10, 100)


def test_start_of_a_process_that_ended_by_itself_had_failed() -> None:
    """Whoever comes to its end is not within start() any more."""
    known = process(1, starts=[start("P", 10, None)], phases=[phase("prepare", 10, 12, "parent")], end=EXITED)
    assert drawn(known)["P"] == (10, 12)


def test_what_other_threads_do_says_nothing_about_a_start() -> None:
    """A start() on one thread goes on while others work."""
    known = process(1, starts=[start("P", 10, None)], spans=[span("work", 20, 30, tid=2)], end=KILLED)
    assert drawn(known)["P"] == (10, 100)


def test_process_without_spans_is_drawn_as_its_life() -> None:
    """A process that recorded nothing with a duration can be seen all the same."""
    assert drawn(process(7, begin_ns=3 * MS, last_ns=8 * MS)) == {"process": (3, 8)}


def test_span_that_outlasts_its_parent_says_what_was_cut() -> None:
    """The part that is not drawn is counted."""
    items = layout(process(1, spans=[span("a", 0, 10), span("b", 5, 12)]))
    assert [(item.end_ns, item.cut_ns) for item in items] == [(10 * MS, 0), (10 * MS, 2 * MS)]


def test_what_lies_too_deep_is_counted_where_it_is_left_out() -> None:
    """Below the depth that Perfetto draws, events are omitted, and the last one drawn says how many."""
    known = process(1, spans=[span(str(level), level / 1000, 10 - level / 1000) for level in range(MAX_DEPTH + 9)])
    items = layout(known)
    assert len(items) == MAX_DEPTH
    assert [item.omitted for item in items] == [0] * (MAX_DEPTH - 1) + [9]


def test_threads_do_not_nest_in_each_other() -> None:
    """What two threads do at once is drawn on two tracks."""
    known = process(1, spans=[span("a", 0, 10), span("b", 5, 12, tid=2)])
    assert drawn(known) == {"a": (0, 10), "b": (5, 12)}


moments = st.integers(0, 40)
ends = st.none() | st.integers(0, 60)
tids = st.integers(1, 2)


@given(
    st.lists(st.builds(span, st.just("s"), moments, ends, st.sampled_from(["user", "lock", "tracer"]), tids)),
    st.lists(st.builds(imported, st.just("m"), moments, ends, tid=tids)),
    st.lists(st.builds(start, st.just("P"), moments, ends)),
    st.lists(st.builds(phase, st.just("send"), moments, moments, st.sampled_from(["parent", "child"]))),
    st.sampled_from([KILLED, EXITED]),
)
def test_any_process_is_drawn_nested(
    spans: list[object], imports: list[object], starts: list[object], phases: list[object], end: End
) -> None:
    """Whatever a process recorded, its spans nest on every thread, and all are drawn."""
    known = process(1, spans=spans, imports=imports, starts=starts, phases=phases, end=end)
    items = layout(known)
    assert len(items) == max(1, len(spans) + len(imports) + len(starts) + len(phases))
    for tid in {item.event.tid for item in items}:
        on_thread = [item for item in items if item.event.tid == tid]
        for first in on_thread:
            assert first.begin_ns <= first.end_ns
            for second in on_thread:
                if first.begin_ns < second.begin_ns < first.end_ns:
                    assert second.end_ns <= first.end_ns
