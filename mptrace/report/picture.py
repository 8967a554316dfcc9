"""A trace as the compact values that the picture of a report is drawn from.

Offline. A browser opens a run of a thousand processes in a moment only if it gets little to read. So names are numbers
into one table, times are milliseconds to the microsecond, lists are flat; and each process has a limited number of
bars: the longest of them, so that whatever contains one that is drawn is drawn too. What is left out is counted.
"""

from collections.abc import Mapping
from typing import Any

from mptrace.analysis import phases, processes
from mptrace.analysis.phases import StartUp
from mptrace.report import curves, icicle
from mptrace.report.summary import troubles_of
from mptrace.report.words import ms, visible
from mptrace.trace.model import Import, Process, Span, Start, Trace
from mptrace.trace.nesting import interval, intervals, nest
from mptrace.trace.roles import signal_name

# Beside the phases, over all processes: 20 bytes each, which a browser reads in a tenth of a second.
BARS = 80_000
# Of each process at least; a few thousand processes make a file that is larger, but still complete.
LEAST_BARS = 40
_Event = Import | Span | Start


class Names:
    """The table of all names; each stands in it once, without what cannot be shown."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return the number of *name*."""
        return self._numbers.setdefault(name, len(self._numbers))

    def table(self) -> list[str]:
        """Return the names by their number."""
        return [visible(name) for name in self._numbers]


def picture(trace: Trace) -> dict[str, Any]:
    """Return everything that is drawn of *trace*, as values for JSON."""
    names = Names()
    number_of = {process.pid: number for number, process in enumerate(trace.processes)}
    most = max(LEAST_BARS, BARS // max(1, len(trace.processes)))
    drawn = [_process(way, number_of, names, most) for way in phases.start_ups(trace)]
    children = [process for process in trace.processes if process.start_method != "root"]
    wall_ns = processes.wall_ns(trace)
    return {
        "wall": ms(wall_ns),
        "processes": drawn,
        "icicle": icicle.icicle(children or trace.processes, names.number),
        "ofChildren": bool(children),
        "curves": curves.curves(trace.processes, wall_ns),
        "names": names.table(),
    }


def cut_bars(picture: Mapping[str, Any]) -> tuple[int, float]:
    """Return how many bars are not drawn, and that each of them is at most so many milliseconds long."""
    cuts = [process["cut"] for process in picture["processes"]]
    return sum(number for number, _ in cuts), max((longest_ms for _, longest_ms in cuts), default=0)


def _process(way: StartUp, number_of: Mapping[int, int], names: Names, most: int) -> dict[str, Any]:
    process = way.process
    bars, lanes, cut = _bars(process, names, most)
    return {
        "name": visible(process.name),
        "pid": process.os_pid,
        "host": visible(process.host),
        "role": process.role,
        "method": process.start_method,
        "parent": None if process.parent_pid is None else number_of.get(process.parent_pid),
        "start": ms(way.begin_ns),
        "begin": ms(process.begin_ns),
        "last": ms(process.last_ns),
        "ready": None if way.ready_ns is None else ms(way.ready_ns),
        "end": _end(process),
        "troubles": [visible(trouble) for trouble in troubles_of(process)],
        "phases": _phases(way, names),
        "bars": bars,
        "lanes": lanes,
        "cut": cut,
    }


def _end(process: Process) -> str:
    end = process.end
    if end.signal is not None:
        return f"killed by {signal_name(end.signal)}"
    return "end not seen" if end.how == "unknown" else f"exit status {end.status}"


def _phases(way: StartUp, names: Names) -> list[float]:
    """Return begin, length, name and side (1 for the child's) of what the way to ready was made of, and came after.

    Where there is no such way, the phases are taken as they are.
    """
    stretches = [(piece.begin_ns, piece.end_ns, piece.phase) for piece in way.path]
    known_ns = way.path[-1].end_ns if way.path else way.begin_ns
    stretches += [(phase.begin_ns, phase.end_ns, phase) for phase in way.phases if phase.begin_ns >= known_ns]
    flat: list[float] = []
    for begin_ns, end_ns, phase in stretches:
        name = phase.name if phase else ""
        flat += ms(begin_ns), ms(end_ns - begin_ns), names.number(name), int(not phase or phase.side == "child")
    return flat


def _bars(process: Process, names: Names, most: int) -> tuple[list[float], int, tuple[int, float]]:
    """Return the longest *most* things that went on in a process, how many lanes they need, and what else there was.

    Begin, length, lane, kind and name of each. A thread's lanes are below those of the thread before it.
    """
    events: list[_Event] = [*process.imports, *process.spans, *process.starts]
    times = [*intervals([*process.imports, *process.spans], process), *(interval(s, process) for s in process.starts)]
    lengths_ns = [end_ns - begin_ns for begin_ns, end_ns in times]
    by_length = sorted(range(len(times)), key=lengths_ns.__getitem__, reverse=True)
    by_thread: dict[int, list[int]] = {}
    for number in sorted(by_length[:most]):
        by_thread.setdefault(events[number].tid, []).append(number)
    flat: list[float] = []
    lane = 0
    for numbers in by_thread.values():
        nested = nest([times[number] for number in numbers])
        for item in nested:
            kind, name = _kind_and_name(events[numbers[item.number]])
            wall_ms = ms(item.end_ns - item.begin_ns)
            flat += ms(item.begin_ns), wall_ms, lane + item.depth, names.number(kind), names.number(name)
        lane += 1 + max(item.depth for item in nested)
    if len(times) <= most:
        return flat, lane, (0, 0)
    return flat, lane, (len(times) - most, ms(lengths_ns[by_length[most]]))


def _kind_and_name(event: _Event) -> tuple[str, str]:
    if isinstance(event, Import):
        return "import", event.module
    if isinstance(event, Start):
        return "start", f"start {event.process_name or event.program}"
    return event.category, event.name
