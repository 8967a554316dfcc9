"""What takes 50 ms in one place appears in that phase, and in no other.

Each program runs with the plant and without it, a few times where the machine is busy: what a phase waited for a CPU,
which the trace knows, is taken out of it, and where it waited for a process that had none, the quietest child counts.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median

import pytest

from mptrace.analysis.phases import StartUp, start_ups
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, failures, run

pytestmark = pytest.mark.quiet

FOLDER = PROGRAMS / "phases"
MS = 1_000_000
PLANTED_NS = 50 * MS
TOLERANCE_NS = PLANTED_NS // 10
MOVED_NS = 5 * MS
ATTEMPTS = 12
SPAWN = (
    "prepare",
    "pickle",
    "exec",
    "interpreter",
    "site",
    "bootstrap-import",
    "receive",
    "main-module",
    "unpickle",
    "bootstrap",
)
FORKSERVER = ("prepare", "pickle", "after-fork-hooks", "receive", "unpickle", "bootstrap")
# In these the parent waits for its child, or the server.
WAITING = ("forkserver", "send")
# The first start() of a program pays for what the later ones find.
LATER = slice(1, None)
ALL = slice(None)

Durations = dict[str, int]


def ways(folder: Path, method: str, plant: str, **env: str) -> list[StartUp]:
    """Run the program once, and return how each of its children came up."""
    folder.mkdir()
    env |= {"METHOD": method, "PLANT": plant, "PYTHONPATH": str(FOLDER / "site")}
    if "interpreter" in plant:
        # The interpreter is executed by a script, which may sleep before.
        script = folder / "python"
        seconds = 0.05 if plant == "interpreter" else 0
        script.write_text(f'#!/bin/sh\nsleep {seconds}\nexec "{sys.executable}" "$@"\n')
        script.chmod(0o700)
        env["EXECUTABLE"] = str(script)
    outcome = run(FOLDER / "planted.py", traced=True, folder=folder, env=env)
    assert outcome.status == 0, outcome.stderr.decode()
    assert outcome.run
    assert failures(outcome.run) == []
    return [way for way in start_ups(load([outcome.run])) if way.process.start]


def durations(way: StartUp) -> Durations:
    """Return how long each phase took, its parts added up, less what it waited for a CPU."""
    found: Durations = defaultdict(int)
    for phase in way.phases:
        found[phase.name] += phase.end_ns - phase.begin_ns
        if phase.name not in WAITING:
            found[phase.name] -= phase.run_queue_ns or 0
    return found


class Typical:
    """How long each phase takes, from all the children seen so far."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = defaultdict(list)

    def add(self, found: Iterable[StartUp]) -> None:
        """Take in the children of one run."""
        for way in found:
            for name, taken_ns in durations(way).items():
                self.seen[name].append(taken_ns)

    def durations(self) -> Durations:
        """Return the middle of each phase's durations; the least of one that waits for another process's work."""
        return {
            name: min(taken_ns) if name in WAITING else round(median(taken_ns)) for name, taken_ns in self.seen.items()
        }


def moved(planted: Durations, plain: Durations) -> Mapping[str, int]:
    """Return by how much each phase is longer with the plant."""
    return {name: planted.get(name, 0) - plain.get(name, 0) for name in {**planted, **plain}}


def is_only(moves: Mapping[str, int], *phases: str) -> bool:
    """Return whether 50 ms were found in *phases* and nothing in the others."""
    return set(phases) <= set(moves) and all(
        abs(moved_ns - PLANTED_NS) <= TOLERANCE_NS if name in phases else abs(moved_ns) <= MOVED_NS
        for name, moved_ns in moves.items()
    )


def check(
    folder: Path, method: str, plant: str, *phases: str, without: str = "", which: slice = LATER, **env: str
) -> None:
    """Run the program with and without the plant, until their children differ by it in *phases*."""
    planted, plain = Typical(), Typical()
    for attempt in range(ATTEMPTS):
        planted.add(ways(folder / f"planted-{attempt}", method, plant, **env)[which])
        plain.add(ways(folder / f"plain-{attempt}", method, without, **env)[which])
        moves = moved(planted.durations(), plain.durations())
        if is_only(moves, *phases):
            return
    pytest.fail(f"{plant} is to be in {phases}; longer by, in ns: {moves}")


@pytest.mark.parametrize(
    ("method", "plant"),
    [("spawn", plant) for plant in SPAWN] + [("forkserver", plant) for plant in FORKSERVER],
)
def test_plant_is_found_in_its_phase(method: str, plant: str, tmp_path: Path) -> None:
    """50 ms in one phase of each child are found there, and no other phase moves."""
    check(tmp_path, method, plant, plant, without=f"no {plant}")


def test_slow_preload_is_found_in_forkserver(tmp_path: Path) -> None:
    """A start() that also starts the server waits until that has preloaded its modules."""
    check(tmp_path, "forkserver", "forkserver", "forkserver", which=ALL, RESTART="1")


def test_slow_preload_delays_no_later_start(tmp_path: Path) -> None:
    """Once the server is there, nothing of its own start is found anywhere."""
    check(tmp_path, "forkserver", "forkserver")


def test_slow_main_module_is_found_where_it_runs(tmp_path: Path) -> None:
    """A forkserver's children run the main module again, or the server does so before (3.13.8 and later)."""
    first = ways(tmp_path / "look", "forkserver", "")[0]
    is_in_child = any(phase.name == "main-module" for phase in first.phases)
    phase = "main-module" if is_in_child else "forkserver"
    check(tmp_path, "forkserver", "main-module", phase, which=ALL, RESTART="1")


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_payload_blocks_the_parent_until_it_is_read(method: str, tmp_path: Path) -> None:
    """With 1 MiB to send, the parent waits as long as the child is not reading: both phases show the 50 ms."""
    check(tmp_path, method, "send-unpickle", "send", "unpickle", without="send")


def test_payload_blocks_the_parent_while_the_child_boots(tmp_path: Path) -> None:
    """More than a pipe holds is sent only once the child reads: after interpreter, site, imports and main module."""
    for way in ways(tmp_path / "run", "spawn", "send"):
        by_name = {phase.name: phase for phase in way.phases}
        assert by_name["pickle"].args["bytes"] > 1 << 20
        assert by_name["send"].begin_ns == by_name["exec"].end_ns
        assert by_name["send"].end_ns > by_name["main-module"].end_ns
