"""Who started whom, and where: what the arrows of a trace run from, and what the spans they leave say of the child.

Offline. Knows nothing of any file format.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mptrace.trace.model import Phase, Process, Span, Start, Trace

# The spans in which multiprocessing starts processes of its own, for which there is no call of start().
SERVER_STARTS = {"resource-tracker": "start resource_tracker", "forkserver": "start forkserver"}


@dataclass(frozen=True, slots=True)
class Arrows:
    """``causes`` is where each child was started, by its pid.

    ``child_pids`` is the child that each call of start() made, by the pid of its parent and the call. ``servers`` is
    the same for the spans in which multiprocessing started a server for itself, by the identity of the span.
    """

    causes: Mapping[int, Start | Phase | Span]
    child_pids: Mapping[tuple[int, Start], int]
    servers: Mapping[int, Process]


def arrows(trace: Trace) -> Arrows:
    """Return the arrows of *trace*. One without one of its ends would be an error to whoever draws it."""
    by_pid = {process.pid: process for process in trace.processes}
    calls = {(process.pid, start) for process in trace.processes for start in process.starts}
    causes: dict[int, Start | Phase | Span] = {}
    child_pids: dict[tuple[int, Start], int] = {}
    servers: dict[int, Process] = {}
    for child in trace.processes:
        if child.parent_pid is None:
            continue
        if child.start and (child.parent_pid, child.start) in calls:
            child_pids[child.parent_pid, child.start] = child.pid
            causes[child.pid] = child.start
        elif cause := child.fork or child.between:
            causes[child.pid] = cause
        elif (span := _server_start(child, by_pid.get(child.parent_pid))) and id(span) not in servers:
            servers[id(span)] = child
            causes[child.pid] = span
    return Arrows(causes, child_pids, servers)


def _server_start(child: Process, parent: Process | None) -> Span | None:
    """Return the span in which *parent* started *child*, if that is a server that multiprocessing starts for itself.

    The command line of *child* names the module that did: loky has a tracker of its own, beside the other. Only the
    first of its kind has a span, though that may have begun after it, on a busy machine; a tracker that takes the place
    of one that died has none.
    """
    name, command = SERVER_STARTS.get(child.role), " ".join(child.argv)
    for span in parent.spans if parent and name else ():
        if (span.category, span.name) == ("startup", name) and child.begin_ns > span.begin_ns:
            module = span.args.get("module")
            if module is None or f"from {module} import" in command:
                return span
    return None
