"""The guard tells a failure of ours from what a signal handler of the host raised meanwhile."""

import errno
import signal
import sys
from collections.abc import Iterator
from types import FrameType

import pytest

from mptrace.runtime import guard, journal


class AlarmError(Exception):
    """What the handler raises."""


def ring(_number: int, _frame: FrameType | None) -> None:
    """Handle the alarm."""
    raise AlarmError


def fail() -> None:
    """Fail as code of ours might."""
    raise ValueError("ours")


@pytest.fixture
def switched_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Give the patches that are switched off, with nothing written anywhere."""
    patches: list[str] = []
    monkeypatch.setattr(guard, "switch_off", patches.append)
    monkeypatch.setattr(guard, "_failed", set())
    monkeypatch.setattr(guard, "is_strict", False)
    monkeypatch.setattr(journal, "write", lambda *_: None)
    before = signal.signal(signal.SIGALRM, ring)
    yield patches
    signal.signal(signal.SIGALRM, before)


def test_failure_of_ours_is_kept_from_the_host(switched_off: list[str]) -> None:
    """It switches its patch off."""
    assert guard.guarded("imports", fail)() is None
    assert switched_off == ["imports"]


def interrupt() -> None:
    """Be interrupted by the alarm."""
    signal.raise_signal(signal.SIGALRM)


def test_what_a_signal_handler_raises_is_handed_to_the_host(switched_off: list[str]) -> None:
    """It passes through, and switches nothing off."""
    with pytest.raises(AlarmError):
        guard.guarded("imports", interrupt)()
    assert switched_off == []


def test_handler_that_meets_the_limit_of_descriptors_is_the_hosts(switched_off: list[str]) -> None:
    """What it raises is its own, whatever that would mean if it were ours."""

    def open_one(_number: int, _frame: FrameType | None) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    signal.signal(signal.SIGALRM, open_one)
    with pytest.raises(OSError, match="Too many open files"):
        guard.guarded("imports", interrupt)()
    assert switched_off == []


def fail_in_handler(_: int, frame: FrameType | None) -> None:
    """Fail while a frame is at hand."""
    assert frame
    fail()


def test_failure_with_a_frame_at_hand_is_ours(switched_off: list[str]) -> None:
    """Who is called with another frame than the caller's is no signal handler."""
    frame = sys._getframe()
    assert guard.guarded("imports", lambda: fail_in_handler(1, frame))() is None
    assert switched_off == ["imports"]


def test_want_of_a_descriptor_is_the_hosts(switched_off: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A record is lost for it, and counted; nothing is switched off."""
    lost: list[str] = []
    monkeypatch.setattr(journal, "lose", lost.append)

    def open_one() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    assert guard.guarded("lifecycle", open_one)() is None
    assert (lost, switched_off) == (["Too many open files"], [])
