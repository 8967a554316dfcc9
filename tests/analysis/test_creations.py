"""What was created on the way to a child: what there was when the first start began, or when a child was ready."""

from typing import Any

from mptrace.analysis.creations import Created, on_start_path
from mptrace.trace.model import Counter
from tests.trace.traces import child_of, process, start, trace_of

MS = 1_000_000


def created(at_ms: int, took_ms: int, **counts: int) -> Counter:
    """Return what a process says at some moment."""
    return Counter("creations", at_ms * MS, {**counts, "took_ns": took_ms * MS})


def test_what_was_created_after_the_first_start_is_not_on_its_way() -> None:
    """The first start is the earliest of multiprocessing; a program may be started before."""
    calls = [start("Process-2", 9, 12), start("Process-1", 5, 8), start("ls", 1, 2, method="subprocess")]
    counters = [created(1, 1, Lock=1), created(4, 2, Lock=2, Queue=1), created(6, 3, Lock=9, Queue=1)]
    root = process(1, starts=calls, counters=counters)
    assert on_start_path(trace_of([root])) == [Created(root, "first start", {"Lock": 2, "Queue": 1}, 2 * MS)]


def test_what_a_child_creates_counts_until_it_is_ready() -> None:
    """In a child that never was, all of it does. The most expensive comes first."""
    call = start("Process-1", 5, 8, 2)
    root = process(1, starts=[call])
    counters = [created(10, 1, Lock=1), created(20, 7, Lock=2)]
    changes: dict[str, Any] = {"counters": counters, "last_ns": 30 * MS}
    ready = child_of(root, call, 2, ready_ns=15 * MS, **changes)
    never = child_of(root, call, 3, ready_ns=None, **changes)
    assert on_start_path(trace_of([root, ready, never])) == [
        Created(never, "ready", {"Lock": 2}, 7 * MS),
        Created(ready, "ready", {"Lock": 1}, 1 * MS),
    ]


def test_work_of_a_program_is_no_start_up() -> None:
    """It never says that it is ready: only what it creates for children of its own is on their way."""
    call = start("app.py", 5, 8, 2, method="subprocess")
    root = process(1, starts=[call])
    changes: dict[str, Any] = {"ready_ns": None, "role": "subprocess", "last_ns": 30 * MS}
    alone = child_of(root, call, 2, counters=[created(10, 7, Lock=2)], **changes)
    counters, calls = [created(10, 1, Lock=1), created(20, 7, Lock=2)], [start("Process-1", 15, 18)]
    parent = child_of(root, call, 3, counters=counters, starts=calls, **changes)
    forked = process(4, parent_pid=1, start_method="fork", role="process", counters=[created(10, 7, Lock=2)])
    assert on_start_path(trace_of([root, alone, parent, forked])) == [Created(parent, "first start", {"Lock": 1}, MS)]


def test_locks_that_are_part_of_a_queue_are_not_told() -> None:
    """They have been taken back, and none are left."""
    root = process(1, starts=[start("Process-1", 5, 8, 2)], counters=[created(1, 1, Lock=0, Queue=1)])
    assert [found.counts for found in on_start_path(trace_of([root]))] == [{"Queue": 1}]


def test_who_starts_nothing_is_on_no_way() -> None:
    """Nor is who creates nothing before a start."""
    idle = process(1, counters=[created(1, 1, Lock=1)])
    late = process(2, starts=[start("Process-1", 5, 8, 3)], counters=[created(6, 1, Lock=1)])
    assert on_start_path(trace_of([idle, late])) == []
