"""The interpreter of a spawned child begins where its parent saw it executed."""

import pytest

from mptrace.trace.continuity import continued
from mptrace.trace.model import Phase
from tests.trace.traces import phase, start

START = start("P", 10, 30, child_pid=101)
PARENT = [phase("pickle", 10, 15, "parent"), phase("exec", 15, 20, "parent"), phase("send", 20, 30, "parent")]
SITE = phase("site", 40, 50)


def interpreter(begin: float) -> Phase:
    """Return the interpreter's phase as the child tells it."""
    return phase("interpreter", begin, 40)


@pytest.mark.parametrize(
    ("told", "begin"),
    [
        pytest.param(27, 20, id="late by what it slept: when the call had returned"),
        pytest.param(18, 18, id="during the call: then"),
        pytest.param(12, 15, id="before the call: when it began"),
    ],
)
def test_interpreter_begins_within_or_after_exec(told: float, begin: float) -> None:
    """What the child counts back is believed within the bounds that its parent saw."""
    assert continued([interpreter(told), SITE], START, PARENT) == [interpreter(begin), SITE]


def test_exec_of_another_start_says_nothing() -> None:
    """A start() that was not divided leaves its child as it is; so does the next one on the same thread."""
    later = [phase("exec", 35, 38, "parent")]
    assert continued([interpreter(27)], START, later) == [interpreter(27)]


def test_exec_after_the_first_sign_of_life_is_impossible() -> None:
    """Clocks that disagree give an interpreter's phase no negative length."""
    assert continued([phase("interpreter", 12, 13)], START, PARENT) == [phase("interpreter", 15, 15)]
