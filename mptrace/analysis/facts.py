"""All that the rules ask about a trace, computed once.

Offline. What only one rule asks stays with that rule.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from mptrace.analysis import forkservers, locks, phases, reasons, statements
from mptrace.analysis.forkservers import Forkserver
from mptrace.analysis.locks import Wait
from mptrace.analysis.phases import StartUp
from mptrace.analysis.reasons import Reason
from mptrace.trace.model import Counter, Import, Phase, Process, Span, Trace
from mptrace.trace.nesting import intervals, self_times
from mptrace.trace.roles import script

MAIN_NAMES = ("__main__", "__mp_main__")
WORKERS = ("process", "pool-worker", "executor-worker")
HELPERS = ("manager", "forkserver", "resource-tracker")
# monkey.patch_all() of gevent, eventlet.monkey_patch().
PATCHES = re.compile(r"\b(monkey\.patch_\w+|patch_all|monkey_patch)\(")


class Place(NamedTuple):
    """A line of source; 0 is one that is not known.

    ``file`` is the module's name where the trace does not say which file it came from.
    """

    file: str
    line: int


class Taken(NamedTuple):
    """Time that a process could have been spared; ``pid`` is that of the trace."""

    pid: int
    begin_ns: int
    end_ns: int


class Statement(NamedTuple):
    """A statement at the top level of a module, executed once; ``own_ns`` leaves out the statements inside it."""

    file: str
    line: int
    source: str
    tid: int
    begin_ns: int
    end_ns: int
    own_ns: int


class Imported(NamedTuple):
    """An import, and when it was; one that was never finished lasts until the process's last sign of life."""

    event: Import
    begin_ns: int
    end_ns: int


class Facts:
    """The facts of one trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._reasons: dict[int, list[Reason]] = {}
        self._roots: dict[int, list[Imported]] = {}
        self._main_files: dict[int, str] = {}

    @cached_property
    def by_pid(self) -> Mapping[int, Process]:
        """The processes by the pid of the trace."""
        return {process.pid: process for process in self.trace.processes}

    @cached_property
    def ways(self) -> Sequence[StartUp]:
        """The start-up of each process, in the order of the trace."""
        return phases.start_ups(self.trace)

    @cached_property
    def _way_of(self) -> Mapping[int, StartUp]:
        return {way.process.pid: way for way in self.ways}

    def way(self, process: Process) -> StartUp:
        """Return the start-up of *process*."""
        return self._way_of[process.pid]

    @cached_property
    def workers(self) -> Sequence[StartUp]:
        """The processes that the program started by Process.start(), a pool, or a fork, to do its work."""
        return [way for way in self.ways if way.process.role in WORKERS]

    @cached_property
    def started(self) -> Sequence[StartUp]:
        """The workers, and the helpers of multiprocessing."""
        return [way for way in self.ways if way.process.role in WORKERS + HELPERS]

    @cached_property
    def siblings(self) -> Mapping[tuple[int | None, str], Sequence[StartUp]]:
        """The workers by parent and start method."""
        groups: dict[tuple[int | None, str], list[StartUp]] = defaultdict(list)
        for way in self.workers:
            groups[way.process.parent_pid, way.process.start_method].append(way)
        return groups

    def places(self, ways: Iterable[StartUp]) -> list[Place]:
        """Return where the host's code started these processes, each place once."""
        found: dict[Place, None] = {}
        for way in ways:
            start, fork = way.process.start, way.process.fork
            if start and start.file:
                found[Place(start.file, start.line)] = None
            elif fork and fork.args.get("file"):
                found[Place(str(fork.args["file"]), int(fork.args.get("line", 0)))] = None
        return list(found)

    def phases(self, way: StartUp, *names: str) -> list[Phase]:
        """Return the phases of a start-up that have one of *names*."""
        return [phase for phase in way.phases if phase.name in names]

    def taken(self, way: StartUp, *names: str) -> list[Taken]:
        """Return when those phases were. Whichever side they are on, it is the child that was not ready earlier."""
        return [Taken(way.process.pid, phase.begin_ns, phase.end_ns) for phase in self.phases(way, *names)]

    def roots(self, process: Process) -> list[Imported]:
        """Return the imports of *process* that were in the course of no other, in the order of time."""
        if process.pid not in self._roots:
            self._roots[process.pid] = _outermost(process)
        return self._roots[process.pid]

    def statements(self, process: Process) -> list[Statement]:
        """Return the statements of *process*, in the order in which they began."""
        bodies: dict[tuple[int, str], list[Span]] = defaultdict(list)
        for span in process.spans:
            if span.category == "statement":
                bodies[span.tid, _file_and_line(span).file].append(span)
        found = []
        for spans in bodies.values():
            times = intervals(spans, process)
            for span, (begin_ns, end_ns), own_ns in zip(spans, times, self_times(times), strict=True):
                place = _file_and_line(span)
                source = statements.source(span.name, place.line)
                found.append(Statement(*place, source, span.tid, begin_ns, end_ns, own_ns))
        return sorted(found, key=lambda statement: statement.begin_ns)

    def reasons(self, way: StartUp) -> list[Reason]:
        """Return what a child waited for on its way to ready."""
        pid = way.process.pid
        if pid not in self._reasons:
            self._reasons[pid] = reasons.reasons(way)
        return self._reasons[pid]

    def main_file(self, process: Process) -> str:
        """Return the script that *process* runs, or ran again if it was spawned; empty where there is none."""
        if process.pid not in self._main_files:
            self._main_files[process.pid] = self._find_main_file(process)
        return self._main_files[process.pid]

    def _find_main_file(self, process: Process) -> str:
        seen: Process | None = process
        while seen:
            # A child's own command line is that of multiprocessing, or that of the process it was forked from.
            if seen.start_method in ("root", "subprocess") and seen.role not in HELPERS:
                return script(seen.argv)
            seen = self.by_pid.get(seen.parent_pid) if seen.parent_pid is not None else None
        return script(process.argv)

    def place(self, process: Process, importer: str, line: int) -> Place:
        """Return where a line of the module *importer* is."""
        return Place((self.main_file(process) if importer in MAIN_NAMES else "") or importer, line)

    @cached_property
    def waits(self) -> Sequence[Wait]:
        """The waits for contended locks, longest first."""
        return locks.waits(self.trace)

    @cached_property
    def forkservers(self) -> Sequence[Forkserver]:
        """The forkservers and what they preloaded."""
        return forkservers.forkservers(self.trace)

    @cached_property
    def cpus(self) -> float:
        """How many CPUs the run could use; 0 where that is not known."""
        run = self.trace.run
        limits = [float(run[name]) for name in ("cpus", "affinity") if isinstance(run.get(name), int) and run[name]]
        quota = run.get("cpu_quota")
        if isinstance(quota, Mapping) and quota.get("period_us"):
            limits.append(quota["quota_us"] / quota["period_us"])
        return min(limits, default=0.0)

    def counters(self, process: Process, name: str) -> list[Counter]:
        """Return what was sampled of *process* under *name*, in the order of time."""
        return [counter for counter in process.counters if counter.name == name]


def waits_ns(way: StartUp) -> list[tuple[Phase, int]]:
    """Return the child's own phases of which it is known, each with how long the child waited for a CPU in it.

    The kernel is asked between two phases, and a process may be made to wait just there: what is more than a phase has
    room for is the next one's.
    """
    found = []
    carried_ns = 0
    for phase in way.phases:
        if phase.side == "child" and phase.run_queue_ns is not None:
            room_ns = max(0, phase.end_ns - phase.begin_ns - phase.cpu_ns)
            waited_ns = min(room_ns, carried_ns + phase.run_queue_ns)
            carried_ns += phase.run_queue_ns - waited_ns
            found.append((phase, waited_ns))
    return found


def waited_share(way: StartUp, during: Sequence[Taken] = ()) -> float:
    """Return which share of its own phases, or of those *during* some time, a child waited for a CPU.

    It is 0 where the kernel does not say.
    """
    own = [
        (phase.end_ns - phase.begin_ns, waited_ns)
        for phase, waited_ns in waits_ns(way)
        if not during or any(time.begin_ns < phase.end_ns and phase.begin_ns < time.end_ns for time in during)
    ]
    wall_ns = sum(wall_ns for wall_ns, _ in own)
    return sum(waited_ns for _, waited_ns in own) / wall_ns if wall_ns else 0.0


def unhindered_ns(way: StartUp, wall_ns: int, during: Sequence[Taken] = ()) -> int:
    """Return what *wall_ns* of a child's way, *during* some time, would have been if it had not waited for a CPU.

    Rules compare this with their thresholds: on a busy machine everything takes long.
    """
    return round(wall_ns * (1 - waited_share(way, during)))


def most_at_a_time(times: Iterable[tuple[int, int]]) -> int:
    """Return how many of *times*, each a begin and an end, go on at the same moment, at most."""
    moments = sorted([moment for begin_ns, end_ns in times for moment in ((begin_ns, 1), (end_ns, -1))])
    most = now = 0
    for _, change in moments:
        now += change
        most = max(most, now)
    return most


def is_typical(values_ns: Sequence[int], least_ns: int) -> bool:
    """Return whether more than half of *values_ns* reach *least_ns*: a cause befalls all processes, noise only some."""
    return 2 * sum(value >= least_ns for value in values_ns) > len(values_ns)


def must_run_first(source: str) -> bool:
    """Return whether a statement patches what is imported after it, so that nobody is to move it."""
    return PATCHES.search(source) is not None


def is_before_ready(way: StartUp, event: Import | Span | Statement | Phase) -> bool:
    """Return whether *event* began on the way to ready; all did in a process that never became ready."""
    return way.ready_ns is None or event.begin_ns < way.ready_ns


def _outermost(process: Process) -> list[Imported]:
    """Return the outermost imports. In the order of time, the outer one first, one look at each is enough."""
    found: list[Imported] = []
    reached_ns: dict[int, int] = {}
    last_ns = process.last_ns
    for event in process.imports:
        if event.begin_ns >= reached_ns.get(event.tid, 0):
            end_ns = max(event.begin_ns, last_ns if event.end_ns is None else event.end_ns)
            reached_ns[event.tid] = end_ns
            found.append(Imported(event, event.begin_ns, end_ns))
    return found


def _file_and_line(span: Span) -> Place:
    """Return where a statement stands: its arguments say so in full, its name begins with the file's name and line."""
    file, _, line = span.name.partition(" ")[0].rpartition(":")
    number = span.args.get("line", line)
    return Place(str(span.args.get("file", file)), int(number) if str(number).isdecimal() else 0)
