"""What it costs to create locks, queues and shared memory is in the trace; what is only unpickled is not."""

from pathlib import Path

import pytest

from mptrace.records import START
from mptrace.trace.merge import load
from mptrace.trace.model import Process
from mptrace.trace.nesting import interval
from tests.hosts import PROGRAMS, Outcome, failures, records, run

PLANTED_NS = 50_000_000
METHODS = pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])


def traced(program: Path | str, folder: Path, *args: str) -> Outcome:
    """Run a program, which must end well and print nothing to stderr, and in which nothing of ours fails."""
    outcome = run(program if isinstance(program, Path) else ("-c", program), traced=True, folder=folder, args=args)
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert failures(outcome.run) == []
    return outcome


def processes(outcome: Outcome) -> dict[str, Process]:
    """Return the processes of a run by role."""
    assert outcome.run
    return {process.role: process for process in load([outcome.run]).processes}


def told(process: Process) -> list[dict[str, float]]:
    """Return how many of each kind a process said to have created by and by, without how long that took."""
    return [
        {kind: number for kind, number in counter.values.items() if number and kind != "took_ns"}
        for counter in process.counters
        if counter.name == "creations"
    ]


@METHODS
def test_long_creation_is_a_span(tmp_path: Path, method: str) -> None:
    """It lasts from when the constructor was entered until all is done, and not longer."""
    outcome = traced(PROGRAMS / "creations.py", tmp_path, method)
    assert outcome.run
    spans = {(span["name"], span["begin_ns"]): span for span in records(outcome.run, "x")}
    for line in outcome.stdout.decode().splitlines():
        kind, begin_ns, end_ns = line.split()[0], *map(int, line.split()[1:])
        inside = [
            span
            for (name, at_ns), span in spans.items()
            if name == f"create {kind}" and begin_ns <= at_ns and span["end_ns"] <= end_ns
        ]
        names = 3 if kind == "Queue" else 1
        assert [span["end_ns"] - span["begin_ns"] >= names * PLANTED_NS for span in inside] == [True], kind
        assert inside[0]["args"] == ({"size": 1000} if kind == "SharedMemory" else {})


@METHODS
def test_locks_of_a_queue_lie_inside_it_and_are_not_counted_again(tmp_path: Path, method: str) -> None:
    """A Queue has two locks and a semaphore, each of which was slow."""
    main = processes(traced(PROGRAMS / "creations.py", tmp_path, method))["main"]
    (queue,) = [interval(span, main) for span in main.spans if span.name == "create Queue"]
    inside = [
        span.name
        for span in main.spans
        if span.name.startswith("create ") and queue[0] < span.begin_ns and interval(span, main)[1] <= queue[1]
    ]
    assert inside == ["create Lock", "create Lock", "create BoundedSemaphore"]
    assert told(main)[-1] == {"Lock": 1, "Queue": 1, "SharedMemory": 1}
    took_ns = [counter.values["took_ns"] for counter in main.counters if counter.name == "creations"][-1]
    assert took_ns >= 5 * PLANTED_NS


@METHODS
def test_what_was_created_is_counted_before_a_start_and_at_the_end(tmp_path: Path, method: str) -> None:
    """What could not be created, was attached to or was unpickled does not count; nor does a child what was there."""
    outcome = traced(PROGRAMS / "creations_shared.py", tmp_path, method)
    assert outcome.stdout.split() == [b"OSError", b"FileExistsError", b"ValueError", b"True"]
    assert outcome.run
    found = processes(outcome)
    before = {"Lock": 1, "Queue": 1, "SharedMemory": 1}
    assert told(found["main"])[0] == before
    assert told(found["main"])[-1] == before | {"RLock": 200}
    assert told(found["process"]) == [{"Lock": 1}]
    assert len(records(outcome.run, START)) == 1


def test_creations_of_threads_are_told_apart(tmp_path: Path) -> None:
    """Two threads that create locks at the same time each have their own spans."""
    program = (
        "import threading, time\n"
        "from multiprocessing import get_context, synchronize\n"
        "class Names:\n"
        "    def __next__(self): barrier.wait(); time.sleep(0.01); return str(threading.get_ident())\n"
        "barrier = threading.Barrier(2)\n"
        "context = get_context('fork')\n"
        "synchronize.SemLock._rand = Names()\n"
        "threads = [threading.Thread(target=create) for create in (context.RLock, context.Semaphore)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
    )
    main = processes(traced(program, tmp_path))["main"]
    spans = {span.name: span.tid for span in main.spans if span.name.startswith("create ")}
    assert spans.keys() == {"create RLock", "create Semaphore"}
    assert len({main.os_pid, *spans.values()}) == 3


def test_nothing_remains_when_it_is_switched_off(tmp_path: Path) -> None:
    """The classes have their own attributes again."""
    program = (
        "from multiprocessing import queues, shared_memory, synchronize\n"
        "import mptrace\n"
        "mptrace.stop()\n"
        "for kind in (queues.Queue, shared_memory.SharedMemory, synchronize.SemLock):\n"
        "    for name, value in vars(kind).items():\n"
        "        assert type(value).__module__ == 'builtins' or name == '_rand', name\n"
    )
    traced(program, tmp_path)
