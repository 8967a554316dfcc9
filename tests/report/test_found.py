"""A finding in words."""

from dataclasses import replace

from mptrace.analysis.facts import Place
from mptrace.analysis.findings.model import Finding, Prediction
from mptrace.report.found import FindingLine, line

MS = 1_000_000
FINDING = Finding(
    rule="some-rule",
    title="app.py does something",
    severity="warning",
    cost_ns=250 * MS,
    pids=[11, 12],
    where=[Place("app.py", 3), Place("other.py", 0)],
    evidence=["100 ms of it"],
    remedy="Do this:\n    instead()",
    predicted=Prediction(200 * MS, "that"),
)


def test_all_of_it_is_said() -> None:
    """The rule beside the cost, so that it can be looked up; a line that is not known is left out."""
    assert line(FINDING) == FindingLine(
        severity="warning",
        title="app.py does something",
        cost="250.0 ms in 2 processes [some-rule]",
        where=["app.py:3", "other.py"],
        evidence=["100 ms of it"],
        remedy=["Do this:", "    instead()"],
        predicted="Predicted: 200.0 ms less with that.",
        taken=[],
    )


def test_time_that_another_counts_is_said_to_be() -> None:
    """So that nobody adds the two up."""
    inside = line(replace(FINDING, contained_in="main-reexecuted", predicted=None))
    assert inside.cost == "250.0 ms in 2 processes, part of the time of main-reexecuted [some-rule]"
    assert inside.predicted == ""


def test_finding_without_cost_says_so() -> None:
    """Something may be wrong that has cost nothing yet."""
    assert line(replace(FINDING, cost_ns=0, pids=[])).cost == "no time [some-rule]"


def test_places_in_libraries_are_short() -> None:
    """From the package on, so that they fit a line; those of the program are told in full."""
    files = [
        "/venv/lib/python3.13/site-packages/joblib/disk.py",
        "/usr/lib/python3.13/asyncio/events.py",
        "/src/app.py",
    ]
    places = line(replace(FINDING, where=[Place(file, 7) for file in files])).where
    assert places == ["joblib/disk.py:7", "asyncio/events.py:7", "/src/app.py:7"]


def test_many_places_are_cut() -> None:
    """The first few show the pattern."""
    places = line(replace(FINDING, where=[Place("app.py", number) for number in range(1, 9)])).where
    assert places == ["app.py:1", "app.py:2", "app.py:3", "app.py:4", "app.py:5", "3 more places"]
