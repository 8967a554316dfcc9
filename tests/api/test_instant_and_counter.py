"""What instants and counters record."""

from decimal import Decimal
from typing import Any

import pytest

from mptrace import counter, instant
from mptrace.runtime import spans
from tests.api.conftest import TID, Recorded


class FloatLike:
    """A number of somebody else's, as NumPy's are."""

    def __float__(self) -> float:
        return 2.5


def test_instant_is_recorded(recorded: Recorded) -> None:
    """An instant has a thread, a moment, a name and arguments."""
    instant("cache miss", key="user 7", name=1)
    instant("tick")
    assert recorded.records == [
        ["n", TID, 1_000, "user", "cache miss", {"key": "user 7", "name": 1}],
        ["n", TID, 1_000, "user", "tick", {}],
    ]


def test_counter_is_recorded(recorded: Recorded) -> None:
    """A counter has a moment, a name and numbers."""
    counter("queue", waiting=3, name=0.5)
    assert recorded.records == [["c", 1_000, "queue", {"waiting": 3, "name": 0.5}]]


@pytest.mark.parametrize(
    ("value", "expected"), [(True, 1), (Decimal("0.5"), 0.5), (FloatLike(), 2.5), (2**64, 2.0**64)]
)
def test_numbers_of_any_type_are_counted(recorded: Recorded, value: Any, expected: float) -> None:
    """Whatever can be a float is a number, except text."""
    counter("queue", waiting=value)
    assert recorded.records == [["c", 1_000, "queue", {"waiting": expected}]]


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), 10**400, "3", None, [1], 1j, object()]
)
def test_what_is_no_finite_number_is_left_out(recorded: Recorded, value: Any) -> None:
    """A value that cannot be drawn is dropped, and the counter with its last one."""
    counter("queue", waiting=value, running=1)
    counter("queue", waiting=value)
    assert recorded.records == [["c", 1_000, "queue", {"running": 1}]]


def test_off_nothing_is_recorded(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """With tracing off neither records anything."""
    monkeypatch.setattr(spans, "_is_on", False)
    instant("cache miss")
    counter("queue", waiting=3)
    monkeypatch.setattr(spans, "_is_on", True)
    assert recorded.records == []
