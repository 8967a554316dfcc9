"""A completed import survives the death of its process (law 3)."""

import os
import random
from pathlib import Path

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Import, Process
from tests.hosts import PROGRAMS, failures, run

KILLED = 100
MODULES = 400
# Another one each time; a failure names it, and KILL_SEED=... brings it back.
SEED = os.environ.get("KILL_SEED") or str(random.randrange(10**6))


def completed(process: Process | None) -> set[str]:
    """Return the modules whose import the trace knows to have been completed; none if it does not know the process."""
    return {event.module for event in process.imports if is_completed(event)} if process else set()


def is_completed(event: Import) -> bool:
    """Return whether an import ended, and well."""
    return event.end_ns is not None and not event.is_failed


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_killed_child_loses_no_completed_import(method: str, tmp_path: Path) -> None:
    """Of children that are killed at random instants during 400 imports, every completed import is in the trace."""
    program = PROGRAMS / "killed_imports.py"
    outcome = run(program, traced=True, folder=tmp_path, args=(method, SEED, str(KILLED)))
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert failures(outcome.run) == []
    progress = {int(path.name): path.stat().st_size for path in (tmp_path / "completed").iterdir()}
    # Children that had not begun, or had finished, prove nothing.
    assert sum(0 < count < MODULES for count in progress.values()) >= KILLED * 0.7, f"KILL_SEED={SEED}"
    processes = {process.os_pid: process for process in load([outcome.run]).processes}
    lost = {
        pid: {f"module{number}" for number in range(count)} - completed(processes.get(pid))
        for pid, count in progress.items()
    }
    assert not {pid: modules for pid, modules in lost.items() if modules}, f"KILL_SEED={SEED}"
