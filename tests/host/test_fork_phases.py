"""The start-up phases of a forked child: nothing is left unexplained, and what takes long shows where it is."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import pytest

from mptrace.analysis.phases import StartUp, start_ups
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, failures, run

pytestmark = pytest.mark.quiet

MS = 1_000_000
CHILDREN = 20
ATTEMPTS = 4


def children(folder: Path, count: int, *slow: str) -> tuple[list[StartUp], list[int]]:
    """Return the start-ups of forked children, and what each of them measured itself, in nanoseconds."""
    folder.mkdir(exist_ok=True)
    outcome = run(PROGRAMS / "forks" / "ready.py", traced=True, folder=folder, args=[str(count), *slow])
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert failures(outcome.run) == []
    measured = {int(pid): int(taken_ns) for pid, taken_ns in map(str.split, outcome.stdout.decode().splitlines())}
    ways = [way for way in start_ups(load([outcome.run])) if way.process.start]
    assert len(ways) == len(measured) == count
    return ways, [measured[way.process.os_pid] for way in ways]


def test_way_to_ready_is_explained_and_as_long_as_the_program_says(tmp_path: Path) -> None:
    """Phases cover all of it, one after another, and it is within 1 ms or 1 % of what the program measures."""
    ways, measured_ns = children(tmp_path, CHILDREN)
    assert min(way.explained or 0 for way in ways) >= 0.99
    for way in ways:
        order = [phase.name for phase in way.phases if phase.name != "before-fork-hooks"]
        assert order == ["prepare", "fork", "after-fork-hooks", "bootstrap"]
    differences_ns = [
        abs(taken_ns - (way.time_to_ready_ns or 0)) - max(MS, taken_ns // 100)
        for way, taken_ns in zip(ways, measured_ns, strict=True)
    ]
    # A child may be interrupted between the two readings of the clock that are compared.
    assert median(differences_ns) <= 0


@pytest.mark.parametrize(
    ("slow", "phase", "handler"),
    [("before", "before-fork-hooks", "__main__.slow_before"), ("child", "after-fork-hooks", "__main__.slow_child")],
)
def test_slow_handler_shows_in_its_phase_alone(tmp_path: Path, slow: str, phase: str, handler: str) -> None:
    """50 ms in a handler are 50 ms in its span and its phase, and no other phase is longer for it."""
    complaint = ""
    for attempt in range(ATTEMPTS):
        usual_ns = quietest(children(tmp_path / f"usual-{attempt}", CHILDREN)[0])
        planted, _ = children(tmp_path / f"planted-{attempt}", CHILDREN, slow)
        longer_ns = {name: taken_ns - usual_ns.get(name, 0) for name, taken_ns in quietest(planted).items()}
        moved_ns = longer_ns.pop(phase)
        span_ns = shortest_hook(tmp_path / f"planted-{attempt}", handler)
        complaint = f"{handler} {span_ns}, {phase} {moved_ns}, others {longer_ns}"
        others_stayed = all(abs(ns) <= 5 * MS for ns in longer_ns.values())
        if 45 * MS <= span_ns <= 55 * MS and 45 * MS <= moved_ns <= 55 * MS and others_stayed:
            return
    pytest.fail(complaint)


def quietest(ways: Sequence[StartUp]) -> dict[str, int]:
    """Return how long each phase took where it was shortest: noise only adds."""
    taken_ns: dict[str, int] = {}
    for way in ways:
        for phase in way.phases:
            phase_ns = phase.end_ns - phase.begin_ns
            taken_ns[phase.name] = min(phase_ns, taken_ns.get(phase.name, phase_ns))
    return taken_ns


def shortest_hook(folder: Path, name: str) -> int:
    """Return how long the shortest run of an at-fork handler took."""
    latest = (folder / ".mptrace" / "latest").resolve()
    spans = [span for process in load([latest]).processes for span in process.spans if span.category == "fork-hook"]
    return min(span.end_ns - span.begin_ns for span in spans if span.name == name and span.end_ns is not None)
