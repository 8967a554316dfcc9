"""What the environment says about tracing."""

import pytest

from mptrace.runtime import config


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("", 5), ("2.5", 2.5), ("0", 0), ("-1", 0), ("nan", 0), ("inf", 0), ("1e9", 0), ("soon", 5), (" 3 ", 3)],
)
def test_stuck_after_is_a_number_of_seconds(value: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no number is the default; what nobody can wait for is never."""
    monkeypatch.setenv(config.STUCK_AFTER, value)
    assert config.stuck_after_s() == seconds


def test_stuck_after_is_five_seconds_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable it is the default."""
    monkeypatch.delenv(config.STUCK_AFTER, raising=False)
    assert config.stuck_after_s() == 5
