"""What is drawn of a trace, as values."""

from typing import Any

import pytest

from mptrace.report.picture import LEAST_BARS, cut_bars, picture
from mptrace.trace.model import Process, Trace
from tests.report.examples import RUN, example, imported, process


def named(drawn: dict[str, Any], number: int, kind: str, width: int, place: int) -> list[tuple[Any, ...]]:
    """Return the flat list *kind* of a process, *width* values each, with the name at *place* instead of its number."""
    flat = drawn["processes"][number][kind]
    rows = [flat[first : first + width] for first in range(0, len(flat), width)]
    return [(*row[:place], drawn["names"][row[place]], *row[place + 1 :]) for row in rows]


def test_way_to_ready_is_drawn_in_phases() -> None:
    """Each has a begin, a length, a name, and a side: 1 is the child's."""
    assert named(picture(example()), 2, "phases", 4, 2) == [
        (200.0, 20.0, "interpreter", 1),
        (220.0, 380.0, "main-module", 1),
    ]


def test_what_went_on_is_drawn_in_lanes() -> None:
    """What is inside something else is one lane below it."""
    drawn = picture(example())
    bars = [
        (begin, wall, lane, drawn["names"][kind], name)
        for begin, wall, lane, kind, name in named(drawn, 1, "bars", 5, 4)
    ]
    assert bars == [
        (100.0, 2.0, 0, "tracer", "boot"),
        (120.0, 70.0, 0, "import", "pandas"),
        (130.0, 20.0, 1, "import", "pandas.core"),
    ]
    assert [item["lanes"] for item in drawn["processes"]] == [1, 2, 2]


def test_process_says_what_it_is() -> None:
    """Who started it, when it was ready, how it ended, and what was wrong with it."""
    slow = picture(example())["processes"][2]
    assert (slow["name"], slow["pid"], slow["parent"], slow["method"]) == ("Process-12", 12, 0, "spawn")
    assert (slow["start"], slow["begin"], slow["ready"], slow["last"]) == (200.0, 200.0, 600.0, 2000.0)
    assert (slow["end"], slow["troubles"]) == ("killed by SIGKILL", ["killed by SIGKILL"])


def many_imports(number: int) -> Process:
    """Return a process that imports *number* modules, the first of which takes longest, and holds the second."""
    inner = [imported("inner", 1, number + 1)]
    return process(10, "P", imports=[imported("outer", 0, number + 2), *inner, *many(number)])


def many(number: int) -> list[Any]:
    """Return *number* imports, one after another, in a second in which nothing else goes on."""
    return [imported(f"module{n}", 1000 + 2 * n, 1001 + 2 * n) for n in range(number)]


@pytest.mark.parametrize("beyond", [0, 7])
def test_longest_bars_are_drawn_and_others_counted(beyond: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a process with more than it may have, the longest; of the others it is said how long they are at most."""
    monkeypatch.setattr("mptrace.report.picture.BARS", 1)
    trace = Trace(RUN, 0, [many_imports(LEAST_BARS - 2 + beyond)], [], [])
    drawn = picture(trace)
    bars = named(drawn, 0, "bars", 5, 4)
    assert len(bars) == LEAST_BARS
    assert [(lane, name) for _, _, lane, _, name in bars[:2]] == [(0, "outer"), (1, "inner")]
    assert cut_bars(drawn) == ((beyond, 1.0) if beyond else (0, 0))


def test_names_cannot_act() -> None:
    """What does not show itself is replaced, in the names of modules and processes alike."""
    trace = Trace(RUN, 0, [process(10, "a\x1bb\udc80", imports=[imported("c\u202ed", 0, 1)])], [], [])
    drawn = picture(trace)
    assert drawn["processes"][0]["name"] == "a?b?"
    assert "c?d" in drawn["names"]


def test_of_a_run_without_processes_nothing_is_drawn() -> None:
    """There is no division by anybody."""
    drawn = picture(Trace(RUN, 0, [], [], []))
    assert (drawn["processes"], cut_bars(drawn)) == ([], (0, 0))
