"""What a span records, and what it leaves to the host."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from mptrace import span
from mptrace.runtime import spans
from tests.api.conftest import TID, Recorded


class Sulky:
    """An object that cannot be shown."""

    def __repr__(self) -> str:
        raise ValueError("no")


def test_span_is_announced_and_recorded(recorded: Recorded) -> None:
    """A span is written when it begins and when it ends, with its thread, times, name and arguments."""
    with span("load", rows=3):
        recorded.spend(50_000)
    assert recorded.records == [
        ["b", TID, 1_000, "user", "load", {"rows": 3}],
        ["x", TID, 1_000, 51_000, "user", "load", {"rows": 3}],
    ]


def test_inner_span_ends_before_outer(recorded: Recorded) -> None:
    """A span within another lies within its times."""
    with span("outer"):
        recorded.spend(1)
        with span("inner"):
            recorded.spend(2)
        recorded.spend(4)
    assert recorded.spans() == [[1_001, 1_003, "inner", {}], [1_000, 1_007, "outer", {}]]


def test_span_after_a_brief_one_of_its_name_is_not_announced(recorded: Recorded) -> None:
    """After a span of less than 20 µs the next of that name is written only when it ends."""
    for duration_ns in (19_999, 20_000, 5):
        with span("step"):
            recorded.spend(duration_ns)
    assert [record[0] for record in recorded.records] == ["b", "x", "x", "b", "x"]


def test_names_made_on_the_fly_do_not_pile_up(recorded: Recorded) -> None:
    """However many names there are, only so many are remembered."""
    for number in range(3 * spans.MAX_BRIEF):
        with span(f"request {number}"):
            pass
    assert len(spans._brief) <= spans.MAX_BRIEF


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        (-(2**63), -(2**63)),
        (2**63, "9223372036854775808"),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (True, True),
        (None, None),
        ('ä\n"\\\x00😀', 'ä\n"\\\x00😀'),
        ("\udcff", "\\udcff"),
        ([1, "a", (2,)], [1, "a", [2]]),
        ({"a": {1: 2}}, {"a": {"1": 2}}),
        (b"x", "b'x'"),
        (int, "<class 'int'>"),
    ],
)
def test_arguments_of_any_type_are_recorded(recorded: Recorded, value: object, expected: object) -> None:
    """What JSON knows is recorded as it is, anything else by its repr()."""
    with span("load", value=value):
        pass
    assert recorded.spans() == [[1_000, 1_000, "load", {"value": expected}]]


def test_arguments_may_be_called_like_ours(recorded: Recorded) -> None:
    """No name is taken: an argument may be called name, self or args."""
    with span("load", name=1, self=2, args=3):
        pass
    assert recorded.spans() == [[1_000, 1_000, "load", {"name": 1, "self": 2, "args": 3}]]


def test_arguments_that_cannot_be_shown_are_left_out(recorded: Recorded) -> None:
    """A failing repr() does not reach the host, and is noted once."""
    for _ in range(2):
        with span("load", value=Sulky()):
            pass
    assert recorded.records == [
        ["F", 1_000, "api", "ValueError: no"],
        ["b", TID, 1_000, "user", "load", {}],
        ["x", TID, 1_000, 1_000, "user", "load", {}],
        ["x", TID, 1_000, 1_000, "user", "load", {}],
    ]


def test_name_of_another_type_is_shown_as_text(recorded: Recorded) -> None:
    """A name that is no string is made one."""
    name: Any = 17
    with span(name):
        pass
    assert recorded.names() == ["17"]


def test_name_that_cannot_be_shown_costs_its_span(recorded: Recorded) -> None:
    """Where even the name fails, the block runs and the failure is noted."""
    name: Any = Sulky()
    ran = False
    with span(name):
        ran = True
    assert ran
    assert recorded.records == [["F", 1_000, "api", "ValueError: no"]]


def test_exception_passes_through_unchanged(recorded: Recorded, frames: Callable[[BaseException], list[str]]) -> None:
    """The very exception arrives, with no frame of ours in its traceback, and its type is recorded."""
    raised = KeyError("k")
    with pytest.raises(KeyError) as caught, span("load", rows=3), span("parse"):
        raise raised
    assert caught.value is raised
    assert frames(raised) == ["test_exception_passes_through_unchanged"]
    assert raised.__context__ is None
    assert recorded.spans() == [
        [1_000, 1_000, "parse", {"error": "KeyError"}],
        [1_000, 1_000, "load", {"rows": 3, "error": "KeyError"}],
    ]


def test_recursion_without_end_stays_the_hosts_error(recorded: Recorded) -> None:
    """At the recursion limit the host meets its RecursionError, and nothing of ours is reported as broken."""

    def dive() -> None:
        with span("dive"):
            dive()

    with pytest.raises(RecursionError):
        dive()
    assert {record[0] for record in recorded.records} == {"b", "x"}


def test_span_may_be_used_again(recorded: Recorded) -> None:
    """One object may be entered several times, one after the other."""
    again = span("load")
    for duration_ns in (1, 2):
        with again:
            recorded.spend(duration_ns)
    assert recorded.spans() == [[1_000, 1_001, "load", {}], [1_001, 1_003, "load", {}]]


def test_spans_of_generators_tell_their_true_times(recorded: Recorded) -> None:
    """Spans of two generators that take turns overlap: each is recorded from its begin to its end."""

    def count(name: str) -> Iterator[int]:
        with span(name):
            yield 1

    for _ in zip(count("a"), count("b"), strict=False):
        recorded.spend(5)
    assert recorded.spans()[0] == [1_000, 1_005, "a", {}]
    assert recorded.spans()[1][:3] == [1_000, 1_005, "b"]


def test_span_opened_before_a_fork_begins_with_it(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """A span older than the journal is recorded from the journal's first moment on, on the thread that ends it."""
    with span("serve"):
        recorded.spend(500)
        monkeypatch.setattr(spans, "_born_ns", recorded.now_ns)
        spans._thread.tid = 8
        recorded.spend(30)
    assert recorded.records[-1] == ["x", 8, 1_500, 1_530, "user", "serve", {}]


def test_exit_stack_holds_spans(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """ExitStack, which calls __enter__ and __exit__ by itself, takes a span whether tracing is on or off."""
    with ExitStack() as stack:
        stack.enter_context(span("on"))
        monkeypatch.setattr(spans, "_is_on", False)
        stack.enter_context(span("off"))
        monkeypatch.setattr(spans, "_is_on", True)
    assert recorded.names() == ["on"]


def test_off_nothing_is_recorded(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """With tracing off a span records nothing, swallows nothing, and is the same object every time."""
    monkeypatch.setattr(spans, "_is_on", False)
    with pytest.raises(KeyError), span("load", value=Sulky()):
        raise KeyError
    assert span("a") is span("b")
    monkeypatch.setattr(spans, "_is_on", True)
    assert recorded.records == []
