"""Waits for locks: which lock, by whom, how long, and who held it.

Offline. The runtime records a wait as a span of category ``lock``; a thread is called by its name where it has one.
"""

from dataclasses import dataclass

from mptrace.trace.model import Process, Span, Trace


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait. ``holder`` is the thread that had the lock when the wait began, empty where that is not known."""

    process: Process
    lock: str
    waited_ns: int
    holder: str


def waits(trace: Trace) -> list[Wait]:
    """Return every wait for a contended lock, longest first. One that never ended lasts to the last sign of life."""
    found = [_wait(process, span) for process in trace.processes for span in process.spans if span.category == "lock"]
    return sorted(found, key=lambda wait: -wait.waited_ns)


def _wait(process: Process, span: Span) -> Wait:
    end_ns = process.last_ns if span.end_ns is None else span.end_ns
    holder = span.args.get("holder") or 0
    named = process.threads.get(holder, "")
    thread = f"{named} ({holder})" if named else f"thread {holder}" if holder else ""
    return Wait(process, str(span.args.get("lock", span.name)), max(0, end_ns - span.begin_ns), thread)
