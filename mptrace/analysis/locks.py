"""Waits for locks: which lock, by whom, how long, and who held it.

Offline. The runtime records a wait as a span of category ``lock``; a thread is called by its name where it has one. A
wait for the lock inside a stream, which is none of Python's, is known from the stacks of the process that is stuck in
it, and from what the process recorded when it was forked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mptrace.trace.model import Import, Phase, Process, Span, Stacks, Start, Trace

CATEGORY = "lock"


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait, on thread ``tid``.

    ``holder`` is the thread that had the lock when the wait began, and where it had taken it; empty where that is not
    known. ``is_open``: it never ended.
    """

    process: Process
    lock: str
    tid: int
    waited_ns: int
    holder: str
    is_open: bool


def waits(trace: Trace) -> list[Wait]:
    """Return every wait for a contended lock, longest first. One that never ended lasts to the last sign of life."""
    found = [wait for process in trace.processes for wait in of_process(process)]
    return sorted(found, key=lambda wait: -wait.waited_ns)


def of_process(process: Process) -> Iterator[Wait]:
    """Yield the waits of one process."""
    for span in process.spans:
        if span.category == CATEGORY:
            yield _wait(process, span)
    for stacks in process.stacks:
        # Python's own locks have a span.
        if stacks.cause.startswith("stream of ") and stacks.begin_ns is not None and not is_over(process, stacks):
            waited_ns = max(0, end_ns(process) - stacks.begin_ns)
            holder = _holder_at_fork(process, stacks.cause)
            yield Wait(process, stacks.cause, process.os_pid, waited_ns, holder, is_open=True)


def is_over(process: Process, stacks: Stacks) -> bool:
    """Return whether *process* made progress after it had written *stacks*, and so was only slow."""
    return process.end.how == "exited" or (stacks.at_ns is not None and progress_ns(process) > stacks.at_ns)


def progress_ns(process: Process) -> int:
    """Return when *process* last did something that a process which is stuck does not.

    That a wait goes on, or that the launcher sees the process, is only a sign of life. So is a collection: to write
    the stacks may set one off, which ends after the moment they are of.
    """
    spans = [span for span in process.spans if span.category != "gc" and not _is_open(span)]
    events: tuple[Span | Import | Start | Phase, ...] = (*spans, *process.imports, *process.starts, *process.phases)
    moments_ns = [event.begin_ns if event.end_ns is None else event.end_ns for event in events]
    moments_ns += [instant.at_ns for instant in process.instants if instant.category != CATEGORY]
    return max([process.begin_ns, process.ready_ns or 0, *moments_ns])


def end_ns(process: Process) -> int:
    """Return until when the process is known to have lived: its last sign of life, or when it was seen to be killed."""
    return max(process.last_ns, process.end.at_ns or 0)


def _wait(process: Process, span: Span) -> Wait:
    until_ns = end_ns(process) if span.end_ns is None else span.end_ns
    lock = str(span.args.get("lock", span.name))
    holder = _holder(process, span.args)
    return Wait(process, lock, span.tid, max(0, until_ns - span.begin_ns), holder, span.end_ns is None)


def _holder(process: Process, args: Mapping[str, Any]) -> str:
    """Return who held a lock, and where it was taken, as far as *args* say."""
    tid = args.get("holder") or 0
    name = str(args.get("holder_name") or process.threads.get(tid, ""))
    thread = f"{name} ({tid})" if name and tid else name or (f"thread {tid}" if tid else "")
    where = str(args.get("where") or "")
    return f"{thread or 'a thread'} at {where}" if where else thread


def _holder_at_fork(process: Process, cause: str) -> str:
    """Return the thread of the parent that held a handler's lock at the fork, and so perhaps that of its stream.

    Where it was another handler that writes to the same stream, it was the holder of that one.
    """
    for instant in process.instants:
        if instant.category == CATEGORY and instant.name == "fork":
            held = [lock for lock in instant.args.get("locks") or () if isinstance(lock, dict)]
            own = [lock for lock in held if cause == f"stream of {lock.get('lock')}"]
            for lock in own or held[:1]:
                return _holder(process, lock)
    return ""


def _is_open(span: Span) -> bool:
    """Return whether *span* is a wait that never ended."""
    return span.category == CATEGORY and span.end_ns is None
