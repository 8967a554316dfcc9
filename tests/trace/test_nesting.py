"""Intervals of a thread nest perfectly, whatever they were."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mptrace.trace.nesting import Nested, innermost, nest, outermost, self_times

intervals = st.lists(st.tuples(st.integers(0, 60), st.integers(-3, 60)).map(lambda pair: (pair[0], sum(pair))))


def test_child_lies_in_the_parent_that_began_before() -> None:
    """The interval that begins first, and lasts, is the parent."""
    assert nest([(5, 8), (0, 10)]) == [Nested(1, 0, 10, None, 0), Nested(0, 5, 8, 1, 1)]


def test_adjoining_intervals_are_siblings() -> None:
    """An interval that begins when another ends is not inside it."""
    assert [place.parent for place in nest([(0, 5), (5, 9)])] == [None, None]


def test_of_those_that_begin_together_the_longest_is_the_parent() -> None:
    """Length decides among intervals of one beginning."""
    assert nest([(0, 5), (0, 9)]) == [Nested(1, 0, 9, None, 0), Nested(0, 0, 5, 1, 1)]


def test_of_equals_the_first_given_is_the_parent() -> None:
    """Order decides among equals."""
    assert [place.number for place in nest([(0, 5), (0, 5)])] == [0, 1]


def test_child_that_outlasts_its_parent_is_cut() -> None:
    """Overlap is cut off at the parent's end."""
    assert nest([(0, 10), (5, 12)])[1] == Nested(1, 5, 10, 0, 1)


def test_self_time_is_what_children_leave() -> None:
    """Self time is the duration minus that of the children, not of theirs."""
    assert self_times([(0, 10), (2, 8), (3, 4), (9, 10)]) == [3, 5, 1, 1]


@given(intervals)
def test_any_intervals_nest(given_intervals: list[tuple[int, int]]) -> None:
    """Each interval lies in its parent and outside of its other neighbours; none is lost, and none grows."""
    places = nest(given_intervals)
    assert sorted(place.number for place in places) == list(range(len(given_intervals)))
    by_number = {place.number: place for place in places}
    for place in places:
        begin, end = given_intervals[place.number]
        assert place.begin_ns == begin
        assert begin <= place.end_ns <= max(begin, end)
        if place.parent is None:
            assert place.depth == 0
        else:
            parent = by_number[place.parent]
            assert parent.begin_ns <= place.begin_ns <= place.end_ns <= parent.end_ns
            assert place.depth == parent.depth + 1
    for first in places:
        for second in places:
            if first.begin_ns < second.begin_ns < first.end_ns:
                assert second.end_ns <= first.end_ns


@given(intervals)
def test_self_times_add_up(given_intervals: list[tuple[int, int]]) -> None:
    """Self times are never negative, and together they are the time that anything was going on."""
    times = self_times(given_intervals)
    assert all(time >= 0 for time in times)
    outermost = [place for place in nest(given_intervals) if place.parent is None]
    assert sum(times) == sum(place.end_ns - place.begin_ns for place in outermost)


@given(intervals)
def test_nesting_is_stable(given_intervals: list[tuple[int, int]]) -> None:
    """What nests already is left as it is."""
    once = [(place.begin_ns, place.end_ns) for place in nest(given_intervals)]
    assert [(place.begin_ns, place.end_ns) for place in nest(once)] == once


def test_innermost_interval_has_the_moment() -> None:
    """An outer interval has what the inner ones leave, in as many stretches as that takes."""
    assert innermost([(0, 10), (2, 5), (3, 4), (20, 22)]) == [
        (0, 2, 0), (2, 3, 1), (3, 4, 2), (4, 5, 1), (5, 10, 0), (20, 22, 3),
    ]  # fmt: skip


@given(intervals)
def test_stretches_are_the_self_times(given_intervals: list[tuple[int, int]]) -> None:
    """The stretches of an interval are together its self time, and no two stretches overlap."""
    stretches = innermost(given_intervals)
    assert all(begin < end for begin, end, _ in stretches)
    assert all(end <= begin for (_, end, _), (begin, _, _) in pairwise(stretches))
    summed = [0] * len(given_intervals)
    for begin, end, number in stretches:
        summed[number] += end - begin
    assert summed == self_times(given_intervals)


@given(intervals)
def test_outermost_intervals_have_no_parent(given_intervals: list[tuple[int, int]]) -> None:
    """They are those that nest in no other."""
    places = [place for place in nest(given_intervals) if place.parent is None]
    assert outermost(given_intervals) == [(place.begin_ns, place.end_ns, place.number) for place in places]


@given(intervals)
def test_self_times_are_those_of_the_nested(given_intervals: list[tuple[int, int]]) -> None:
    """They are what nest() leaves of each interval when its children are taken out."""
    left = [0] * len(given_intervals)
    for place in nest(given_intervals):
        left[place.number] += place.end_ns - place.begin_ns
        if place.parent is not None:
            left[place.parent] -= place.end_ns - place.begin_ns
    assert self_times(given_intervals) == left
