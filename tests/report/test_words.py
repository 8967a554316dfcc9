"""How numbers and programs are written for people."""

import pytest

from mptrace.report.words import counted, duration, ms, percent, program, readable, visible


@pytest.mark.parametrize(
    ("wall_ms", "written"),
    [
        (0, "0.0 ms"),
        (0.04, "0.0 ms"),
        (12.345, "12.3 ms"),
        (999.94, "999.9 ms"),
        (1234.5, "1,234 ms"),
        (61000, "61.0 s"),
    ],
)
def test_durations_compare_at_a_glance(wall_ms: float, written: str) -> None:
    """Milliseconds up to ten seconds, then seconds."""
    assert duration(wall_ms) == written


def test_nanoseconds_become_milliseconds() -> None:
    """Nothing finer than a microsecond is kept."""
    assert ms(1_234_567) == 1.235


@pytest.mark.parametrize(("share", "written"), [(0.0, "0%"), (0.5, "50%"), (0.9961, "99.6%"), (1.0, "100%")])
def test_share_is_never_rounded_up_to_all(share: float, written: str) -> None:
    """100 % means all of it."""
    assert percent(share) == written


def test_things_are_counted() -> None:
    """One thing is singular."""
    assert [counted(number, "process", "processes") for number in (1, 2)] == ["1 process", "2 processes"]
    assert counted(1234, "record") == "1,234 records"


def test_program_is_one_short_line() -> None:
    """The interpreter is a name, line breaks are blanks, and a long command line is cut."""
    assert program(["/usr/bin/python3", "-c", "a\nb"]) == "python3 -c a b"
    assert program(["sh", "x" * 100], 10) == "sh xxxx..."
    assert program(None) == "?"


def test_terminal_codes_are_not_passed_on() -> None:
    """What a host named its process must not move the reader's cursor."""
    assert visible("a\x1b[2Jb") == "a?[2Jb"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("asked for by /venv/lib/python3.13/site-packages/ray/worker.py, line 8", "asked for by ray/worker.py, line 8"),
        ("two: /usr/lib/python3.13/os.py and /usr/lib/python3.13/re.py", "two: os.py and re.py"),
        ("in /usr/lib/python3/dist-packages/", "in /usr/lib/python3/dist-packages/"),
        ("in /home/app/main.py", "in /home/app/main.py"),
        (f"name {'x' * 200} of it", f"name {'x' * 57}... of it"),
    ],
)
def test_files_of_libraries_and_made_up_names_are_shortened(text: str, written: str) -> None:
    """A folder that a library is in says nothing; a path of the user's own is left as it is."""
    assert readable(text) == written
