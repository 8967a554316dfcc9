"""Processes that came to a stop and never went on: in which lock, held by whom, at which line.

Offline. That a process wrote its stacks only says that it made no progress for a while. It was stuck if it made none
after that either, until somebody killed it, or nobody knows more. One that came to an end of its own was not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mptrace.analysis import locks
from mptrace.analysis.locks import Wait
from mptrace.trace.model import Process, Stacks, ThreadStack, Trace


@dataclass(frozen=True, slots=True)
class Stuck:
    """A process that never went on. ``lock`` is empty where it waits for none that is known.

    ``frames`` are those of the thread that is stuck, the innermost first; none where it was killed too early.
    """

    process: Process
    lock: str
    holder: str
    waited_ns: int
    frames: Sequence[str]


def stuck(trace: Trace) -> list[Stuck]:
    """Return the processes that are stuck, the longest wait first."""
    found = [one for process in trace.processes for one in _of_process(process)]
    return sorted(found, key=lambda one: -one.waited_ns)


def _of_process(process: Process) -> Iterator[Stuck]:
    if process.end.how == "exited":
        return
    stacks = process.stacks[-1] if process.stacks else None
    if stacks and locks.is_over(process, stacks):
        stacks = None
    open_waits = [wait for wait in locks.of_process(process) if wait.is_open]
    if open_waits:
        wait = max(open_waits, key=lambda wait: wait.waited_ns)
        yield Stuck(process, wait.lock, wait.holder, wait.waited_ns, _frames(process, stacks, wait))
    elif stacks:
        begin_ns = stacks.begin_ns if stacks.begin_ns is not None else locks.progress_ns(process)
        waited_ns = max(0, locks.end_ns(process) - begin_ns)
        yield Stuck(process, stacks.cause, "", waited_ns, _frames(process, stacks, None))


def _frames(process: Process, stacks: Stacks | None, wait: Wait | None) -> Sequence[str]:
    """Return the frames of the thread that waits, or of the main thread, or of the only one there is."""
    threads: Sequence[ThreadStack] = stacks.threads if stacks else ()
    wanted = (wait.tid if wait else process.os_pid, process.os_pid)
    for tid in wanted:
        for thread in threads:
            if thread.tid == tid:
                return thread.frames
    # faulthandler knows no native ids; it comes to the main thread last.
    return threads[-1].frames if threads else ()
