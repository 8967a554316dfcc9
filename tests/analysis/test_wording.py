"""How rules write numbers and names."""

import pytest

from mptrace.analysis.wording import counted, duration, measured, names, one_line, percent, size

MS = 1_000_000


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (duration(12_340_000), "12.3 ms"),
        (duration(1234 * MS), "1,234 ms"),
        (duration(12_340 * MS), "12.3 s"),
        (size(12), "12 bytes"),
        (size(64 * 1024), "64.0 KiB"),
        (size(3 * 1024**2 // 2), "1.5 MiB"),
        (size(5 * 1024**3), "5.0 GiB"),
        (percent(0.256), "26%"),
        (counted(1, "process", "processes"), "1 process"),
        (counted(2000, "process", "processes"), "2,000 processes"),
        (counted(2, "time"), "2 times"),
        (one_line("OSError:\n  no\tlicence\n"), "OSError: no licence"),
        (measured("a = b", "5 ms"), "a = b: 5 ms"),
        (measured("for a in b:", "5 ms"), "for a in b: 5 ms"),
        (names([]), ""),
        (names(["a"]), "a"),
        (names(["a", "b", "c"]), "a, b and c"),
        (names(["a", "b", "c", "d", "e"]), "a, b, c and 2 more"),
    ],
)
def test_numbers_and_names_are_short(said: str, written: str) -> None:
    """With their units, and no more digits than matter."""
    assert said == written
