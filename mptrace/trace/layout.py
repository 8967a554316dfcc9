"""Where everything with a duration is drawn: each thread's spans, all finished, and perfectly nested.

Offline. Knows nothing of any file format. What was never finished is drawn up to the process's last sign of life,
except a start() that failed: its thread went on, so it was over when the last thing that belongs to it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mptrace.trace.model import Import, Phase, Process, Span, Start
from mptrace.trace.nesting import import_self_times, interval, intervals, nest

Event = Span | Import | Start | Phase

# Perfetto draws at most 512 levels and takes more for an error.
MAX_DEPTH = 511
# What a start() may do besides its phases, on its own thread.
OWN_CATEGORIES = frozenset(("startup", "lock", "fork-hook", "gc", "tracer"))
# start() imports how to start, and what runs then imports on its own behalf. Names of multiprocessing's modules.
OWN_IMPORTS = "multiprocessing.popen_"
OWN_IMPORTERS = (
    OWN_IMPORTS,
    "multiprocessing.forkserver",
    "multiprocessing.reduction",
    "multiprocessing.resource_tracker",
    "multiprocessing.spawn",
    "multiprocessing.util",
)


@dataclass(slots=True)
class Drawn:
    """One event as it is drawn. ``self_ns`` is that of an import.

    ``cut_ns`` is what is not shown of it, because it outlasted what it lies in; ``omitted`` is how many events inside
    it lie too deep to be shown.
    """

    event: Event
    begin_ns: int
    end_ns: int
    self_ns: int = 0
    cut_ns: int = 0
    omitted: int = 0


def layout(process: Process) -> list[Drawn]:
    """Return the events of one process as they are drawn, the outer before the inner, thread by thread.

    A process that recorded nothing with a duration is drawn as one span, its life, so that it can be seen and an
    arrow can point at it.
    """
    self_ns = import_self_times(process, intervals(process.imports, process))
    # The order is that of what begins and ends together: a start contains its phases, a phase what happened in it.
    events: list[Event] = [*process.starts, *process.phases, *process.spans, *process.imports]
    drawn = [Drawn(event, *interval(event, process)) for event in events]
    for item, import_ns in zip(drawn[len(drawn) - len(self_ns) :], self_ns, strict=True):
        item.self_ns = import_ns
    for item in drawn[: len(process.starts)]:
        if item.event.end_ns is None:
            item.end_ns = _end_of_unfinished_start(item.event, process)
    if not drawn:
        life = Span("startup", "process", process.os_pid, process.begin_ns, process.last_ns)
        drawn = [Drawn(life, process.begin_ns, max(process.begin_ns, process.last_ns))]
    by_thread: dict[int, list[Drawn]] = defaultdict(list)
    for item in drawn:
        by_thread[item.event.tid].append(item)
    return [item for items in by_thread.values() for item in _nested(items)]


def _nested(items: Sequence[Drawn]) -> list[Drawn]:
    """Return one thread's events, the outer before the inner, cut so that they nest."""
    shown: list[Drawn] = []
    # The innermost event that is shown around, or instead of, each one.
    holder: dict[int, Drawn] = {}
    for place in nest([(item.begin_ns, item.end_ns) for item in items]):
        item = items[place.number]
        if place.depth >= MAX_DEPTH and place.parent is not None:
            holder[place.number] = holder[place.parent]
            holder[place.parent].omitted += 1
            continue
        if item.event.end_ns is not None:
            item.cut_ns = item.end_ns - place.end_ns
        item.end_ns = place.end_ns
        holder[place.number] = item
        shown.append(item)
    return shown


def _end_of_unfinished_start(start: Event, process: Process) -> int:
    """Return when a start() that was never finished was over.

    It failed if its thread did something later that belongs to no start(), or if the process came to its own end:
    then it was over with the last thing that belongs to it. Otherwise it was under way to the last.
    """
    over_ns = start.begin_ns
    for event in _later(start, process):
        if event.begin_ns >= over_ns and not _belongs_to_start(event):
            return over_ns
        over_ns = max(over_ns, interval(event, process)[1])
    return over_ns if process.end.how == "exited" else process.last_ns


def _later(start: Event, process: Process) -> list[Event]:
    events: Iterable[Event] = (*process.starts, *process.phases, *process.spans, *process.imports)
    later = [
        event for event in events if event.tid == start.tid and event is not start and event.begin_ns >= start.begin_ns
    ]
    return sorted(later, key=lambda event: (event.begin_ns, -interval(event, process)[1]))


def _belongs_to_start(event: Event) -> bool:
    match event:
        case Phase():
            return event.side == "parent"
        case Import():
            return event.module.startswith(OWN_IMPORTS) or event.importer.startswith(OWN_IMPORTERS)
        case Span():
            return event.category in OWN_CATEGORIES
    return False
