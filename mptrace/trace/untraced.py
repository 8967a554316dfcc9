"""Programs that a process started, as it saw them: most are not Python, and have no journal of their own.

Offline. Each gets a track of its own beside the threads of the process that started it, because programs run side by
side, and the spans of a thread must nest. A Python that should have reported and did not is missing.
"""

from typing import Any

from mptrace.trace import kinship, programs
from mptrace.trace.draft import Draft
from mptrace.trace.instances import SYNTHETIC_PIDS
from mptrace.trace.kinship import Call
from mptrace.trace.model import Span, Start
from mptrace.trace.roles import options, signal_name


def tracks(draft: Draft) -> list[Span]:
    """Return a span for each program that a process started: from its start to the moment when its end was learned."""
    starts = [start for start in draft.events.starts if start.start_method == programs.SUBPROCESS]
    return [_life(draft, start) for start in starts]


def is_missing(start: Start) -> bool:
    """Return whether the child of *start*, which has not reported, should have."""
    return start.start_method != programs.SUBPROCESS or programs.is_python(start.program, start.argv)


def reason(call: Call) -> str:
    """Return why the Python that was started by *call* has not reported; nothing, if that is not to be told from it."""
    start, end = call.start, kinship.end_of_unreported(call)
    if end and end.at_ns in call.parent.failed_ns:
        return "could not be executed"
    if "S" in options(start.argv):
        return "started with -S, and so without what turns tracing on"
    if not start.is_told:
        return "its environment did not lead to this run (MPTRACE, MPTRACE_RUN)"
    if (end is None or end.returncode >= 0) and start.program != call.parent.instance.images[-1].header["executable"]:
        return f"mptrace may not be installed for {start.program}"
    return ""


def _life(draft: Draft, start: Start) -> Span:
    tid = start.child_pid or 0
    while tid in draft.events.threads:
        tid += SYNTHETIC_PIDS  # the number has come to be a thread's since
    args: dict[str, Any] = {"child_pid": start.child_pid, "argv": start.argv}
    end = kinship.end_of_unreported(Call(draft, start))
    if end and end.at_ns in draft.failed_ns:
        args["failed"] = True
    elif end and end.returncode < 0:
        args["signal"] = signal_name(-end.returncode)
    elif end:
        args["status"] = end.returncode
    return Span(programs.SUBPROCESS, start.process_name, tid, start.begin_ns, end.at_ns if end else None, args)
