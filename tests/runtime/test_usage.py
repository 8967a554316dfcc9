"""What a process has used is told as it begins, is ready, and ends."""

import os
import time
from pathlib import Path

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Counter, Process
from tests.hosts import PROGRAMS, failures, run

PAGES = 50_000_000 // os.sysconf("SC_PAGE_SIZE")


def counted(process: Process, name: str) -> list[Counter]:
    """Return the values of one counter in the order of time."""
    return [counter for counter in process.counters if counter.name == name]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_child_that_touches_50_mb_has_its_page_faults_counted(method: str, tmp_path: Path) -> None:
    """Each page touched first is one minor fault, after the child was ready; its total is in the trace."""
    program = PROGRAMS / "memory" / "touching.py"
    outcome = run(program, traced=True, folder=tmp_path, args=[method])
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert failures(outcome.run) == []
    child = next(process for process in load([outcome.run]).processes if process.role == "process")
    begin, ready, end = (counter.values["minor"] for counter in counted(child, "page faults"))
    assert 0 < begin <= ready
    assert PAGES <= end - ready <= PAGES + 1_000
    assert child.faults
    assert (child.faults.minor, child.faults.major >= 0) == (end, True)


def test_cpu_time_is_counted_to_the_end(tmp_path: Path) -> None:
    """Time on a CPU is that of all threads, and is within what the program itself says."""
    program = (
        "import threading, time\n"
        "def spin():\n"
        "    while time.thread_time() < 0.1: pass\n"
        "thread = threading.Thread(target=spin); thread.start(); thread.join(); spin(); print(time.process_time_ns())"
    )
    outcome = run(("-c", program), traced=True, folder=tmp_path)
    assert outcome.run
    begin, end = (counter.values for counter in counted(load([outcome.run]).processes[0], "cpu"))
    assert 0 < begin["on_cpu_ns"] < 200_000_000
    assert int(outcome.stdout) <= end["on_cpu_ns"] <= int(outcome.stdout) + 1_000_000_000
    assert 0 <= begin["runqueue_ns"] <= end["runqueue_ns"]


@pytest.mark.quiet
def test_waiting_for_a_cpu_is_counted(tmp_path: Path) -> None:
    """A process that shares its only CPU with another one that never rests waits for about half of its time."""
    program = (
        "import os, time\n"
        "os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "begin = time.monotonic()\n"
        "pid = os.fork()\n"
        "while time.monotonic() < begin + 0.5: pass\n"
        "pid and os.wait()"
    )
    outcome = run(("-c", program), traced=True, folder=tmp_path)
    assert outcome.run
    for process in load([outcome.run]).processes:
        counters = counted(process, "cpu")
        assert counters[-1].values["runqueue_ns"] - counters[0].values["runqueue_ns"] > 100_000_000


def test_killed_process_keeps_what_was_counted_before(tmp_path: Path) -> None:
    """A process that cannot say its last word has the counts of its beginning."""
    outcome = run(("-c", "import os; os.kill(os.getpid(), 9)"), traced=True, folder=tmp_path)
    assert outcome.run
    process = load([outcome.run]).processes[0]
    assert [counter.name for counter in process.counters] == ["page faults", "cpu"]
    assert process.faults
    assert process.faults.minor > 0
    assert time.monotonic_ns() > process.begin_ns
