"""Processes that came to a stop and never went on: in which lock, held by whom, at which line.

Offline. That a process wrote its stacks only says that it made no progress for a while. It was stuck if it made none
after that either, until somebody killed it, or nobody knows more. One that came to an end of its own was not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mptrace.analysis import locks
from mptrace.analysis.locks import Wait
from mptrace.trace.model import Import, Phase, Process, Span, Stacks, Start, ThreadStack, Trace

# What happens in a process without any progress of the host's: a wait, and a collection that our own watch set off.
NO_PROGRESS = (locks.CATEGORY, "gc")


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
    if stacks and stacks.at_ns is not None and progress_ns(process) > stacks.at_ns:
        stacks = None
    open_waits = [wait for wait in locks.of_process(process) if wait.is_open]
    if open_waits:
        wait = max(open_waits, key=lambda wait: wait.waited_ns)
        yield Stuck(process, wait.lock, wait.holder, wait.waited_ns, _frames(process, stacks, wait))
    elif stacks:
        begin_ns = stacks.begin_ns if stacks.begin_ns is not None else progress_ns(process)
        waited_ns = max(0, locks.end_ns(process) - begin_ns)
        yield Stuck(process, stacks.cause, "", waited_ns, _frames(process, stacks, None))


def progress_ns(process: Process) -> int:
    """Return when the process last did something else than wait for a lock."""
    spans = [span for span in process.spans if span.category not in NO_PROGRESS]
    events: tuple[Span | Import | Start | Phase, ...] = (*spans, *process.imports, *process.starts, *process.phases)
    moments_ns = [event.begin_ns if event.end_ns is None else event.end_ns for event in events]
    moments_ns += [instant.at_ns for instant in process.instants if instant.category != locks.CATEGORY]
    return max([process.begin_ns, process.ready_ns or 0, *moments_ns])


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
