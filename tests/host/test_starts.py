"""Calls of start() that fail, that begin inside others, or at once on several threads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Phase, Process, Start
from tests.hosts import PROGRAMS, failures, run

METHODS = ("spawn", "forkserver")
PHASES = {"spawn": ["prepare", "pickle", "exec", "send"]}
PHASES["forkserver"] = ["prepare", "pickle", "forkserver", "send", "forkserver"]


def parent(folder: Path, *args: str) -> Process:
    """Run one of the programs, and return what its root process recorded."""
    outcome = run(PROGRAMS / "phases" / "starts.py", traced=True, folder=folder, args=args)
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert failures(outcome.run) == []
    return next(process for process in load([outcome.run]).processes if process.role == "main")


def start_named(process: Process, name: str) -> Start:
    """Return the last start() of that name."""
    return [start for start in process.starts if start.process_name == name][-1]


def phases_of(process: Process, start: Start, *, but: Sequence[Start] = ()) -> list[Phase]:
    """Return the phases of a start(), without those of others inside it."""
    return [phase for phase in process.phases if _is_in(phase, start) and not any(_is_in(phase, it) for it in but)]


def _is_in(phase: Phase, start: Start) -> bool:
    end_ns: Any = start.end_ns
    return phase.tid == start.tid and start.begin_ns <= phase.begin_ns and phase.end_ns <= end_ns


def assert_without_gaps(phases: Sequence[Phase], start: Start, names: Sequence[str]) -> None:
    """Check that these are the phases, one after the other from the beginning of the start() to its end."""
    assert [phase.name for phase in phases] == names
    borders = [start.begin_ns, *(phase.end_ns for phase in phases)]
    assert [phase.begin_ns for phase in phases] == borders[:-1]
    assert borders[-1] == start.end_ns


@pytest.mark.parametrize("method", METHODS)
def test_start_that_cannot_pickle_ends_there(method: str, tmp_path: Path) -> None:
    """It is over, without a child, when its pickling is; one that begins while that is being handled has not failed."""
    process = parent(tmp_path, method, "unpicklable")
    bad, good = start_named(process, "bad"), start_named(process, "good")
    assert bad.child_pid is None
    assert bad.end_ns
    assert [phase.name for phase in phases_of(process, bad)] == ["prepare", "pickle"]
    assert good.child_pid
    assert_without_gaps(phases_of(process, good), good, PHASES[method])


@pytest.mark.parametrize("method", METHODS)
def test_start_after_one_that_was_refused_has_its_own_phases(method: str, tmp_path: Path) -> None:
    """A start() that failed unseen, a second one of the same process, leaves nothing to the next on its thread."""
    process = parent(tmp_path, method, "twice")
    assert [start.end_ns is None for start in process.starts] == [False, True, False]
    good = start_named(process, "good")
    assert_without_gaps(phases_of(process, good), good, PHASES[method])


@pytest.mark.parametrize("method", METHODS)
def test_start_inside_pickling_belongs_to_that(method: str, tmp_path: Path) -> None:
    """Where pickling a process starts another, both are whole, the inner one within the outer one's pickle."""
    process = parent(tmp_path, method, "nested")
    outer, inner = start_named(process, "outer"), start_named(process, "inner")
    assert outer.child_pid
    assert inner.child_pid
    assert_without_gaps(phases_of(process, inner), inner, PHASES[method])
    phases = phases_of(process, outer, but=[inner])
    assert_without_gaps(phases, outer, PHASES[method])
    pickle = next(phase for phase in phases if phase.name == "pickle")
    assert pickle.begin_ns < inner.begin_ns
    assert inner.end_ns
    assert inner.end_ns < pickle.end_ns


@pytest.mark.parametrize("method", METHODS)
def test_threads_that_start_at_once_do_not_mix(method: str, tmp_path: Path) -> None:
    """Each thread's start() has its own phases, with the size of what it sent."""
    process = parent(tmp_path, method, "at_once")
    assert len({start.tid for start in process.starts}) == 3
    for start in process.starts:
        phases = phases_of(process, start)
        assert_without_gaps(phases, start, PHASES[method])
        assert phases[1].args["bytes"] > 1 << 20


def test_start_that_cannot_send_ends_there(tmp_path: Path) -> None:
    """A start() that fails when its child has been made is over then, and knows the child's pid."""
    process = parent(tmp_path, "spawn", "interrupted")
    (start,) = process.starts
    assert start.child_pid
    assert_without_gaps(phases_of(process, start), start, PHASES["spawn"])


@pytest.mark.parametrize("name", ["elsewhere", "undivided"])
def test_start_by_another_library_is_one_phase(name: str, tmp_path: Path) -> None:
    """How its Popen goes about it nobody knows, but all of the time has a name, whatever the method is called."""
    process = parent(tmp_path, "spawn", name)
    start = start_named(process, "elsewhere")
    assert start.child_pid
    assert_without_gaps(phases_of(process, start), start, ["prepare"])


def test_start_of_a_proxy_is_recorded_like_any_other(tmp_path: Path) -> None:
    """Its class may have no module to name, and the starts after it are recorded as well."""
    process = parent(tmp_path, "fork", "proxied")
    assert [start.target for start in process.starts] == [":Proxy", "__main__:work"]
    assert all(start.child_pid for start in process.starts)
