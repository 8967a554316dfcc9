"""Who forked whom, and what the parent was like."""

from typing import Any

from mptrace.analysis.forks import Fork, forks
from mptrace.trace.model import Instant, Phase
from tests.trace.traces import MS, child_of, process, start, trace_of

ARGS: dict[str, Any] = {
    "file": "/src/app.py", "line": 9, "python_threads": 2, "others": ["poller"], "threads": 4,
    "resident_bytes": 300, "page_table_bytes": 200,
}  # fmt: skip


def fork(begin: float, tid: int = 1, **args: object) -> Phase:
    """Return a fork of one millisecond."""
    return Phase("fork", "parent", tid, round(begin * MS), round((begin + 1) * MS), MS, args=args)


def test_fork_by_start_has_the_child_of_that_start() -> None:
    """By thread and time."""
    call = start("Process-1", 10, 20, 2, method="fork")
    others, own = fork(12, tid=7), fork(13, **ARGS)
    parent = process(1, starts=[call], phases=[fork(5), others, own])
    child = child_of(parent, call, 2)
    assert forks(trace_of([parent, child]))[1:] == [
        Fork(parent, others, None, None, "", 0, 0, 0, [], 0, 0),
        Fork(parent, own, child, call, "/src/app.py", 9, 4, 2, ["poller"], 300, 200),
    ]


def test_plain_fork_has_the_process_that_names_it() -> None:
    """os.fork() is no start."""
    phase = fork(5)
    parent = process(1, phases=[phase])
    child = process(2, parent_pid=1, start_method="fork", fork=phase)
    assert [found.child for found in forks(trace_of([parent, child]))] == [child]


def test_fork_for_another_program_is_none() -> None:
    """That of subprocess, reported or not, and one whose child went on by exec."""
    first, second = start("git", 0, 4, 2, method="subprocess"), fork(10)
    parent = process(1, starts=[first], phases=[fork(1), second])
    executed = Instant("subprocess", "exec", 1, 12 * MS, {})
    child = process(3, parent_pid=1, start_method="fork", fork=second, instants=[executed])
    assert forks(trace_of([parent, child])) == []


def test_what_was_not_recorded_is_nothing() -> None:
    """Or was something else than it should be."""
    phase = fork(5, threads="many", others=3)
    [found] = forks(trace_of([process(1, phases=[phase])]))
    assert (found.threads, found.others, found.line) == (0, [], 0)
