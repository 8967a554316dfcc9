"""From the records of one process to the events of the model.

Offline. What was announced and then finished is one event; what was only announced stays unfinished. Strings are kept
once (a thousand processes import the same thousand modules), which is most of a large trace's memory.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from sys import intern

from mptrace.records import (
    COLLECTION,
    COUNTER,
    FAILURE,
    HOOKS,
    INSTANT,
    LOST,
    PHASE,
    PROGRAM,
    SPAN,
    SPAN_BEGIN,
    STACKS,
    START,
    START_BEGIN,
    THREAD,
)
from mptrace.trace import imports, programs, statements, usage
from mptrace.trace.model import Counter, Failure, Import, Instant, Phase, Side, Span, Stacks, Start, ThreadStack
from mptrace.trace.table import Shared, Table, unfinished

PARENT_PHASES = frozenset(("prepare", "pickle", "before-fork-hooks", "fork", "exec", "forkserver", "send"))
OURS = "mptrace"

Records = Mapping[str, Table]


@dataclass(slots=True)
class Events:
    """What happened in one process, as far as its records say."""

    threads: dict[int, str] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    instants: list[Instant] = field(default_factory=list)
    counters: list[Counter] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    stacks: list[Stacks] = field(default_factory=list)

    def add(self, records: Records, shift_ns: int, shared: Shared) -> None:
        """Take in the records of one journal, whose clock is *shift_ns* behind the trace's."""

        def at(ns: int) -> int:
            return max(0, ns + shift_ns)

        self.threads.update((tid, name) for tid, name in records[THREAD] if name)
        self.spans += _spans(records, at)
        self.spans += _hooks(records, at)
        _add_collections(self, records, at)
        imported = imports.imports(records, shift_ns, shared)
        ours = {event.module for event in imported if event.module.startswith(OURS) and _is_ours(event.module)}
        self.spans += [_as_span(event) for event in imported if event.module in ours] if ours else []
        self.imports += [event for event in imported if event.module not in ours] if ours else imported
        self.spans += statements.spans(records, at)
        self.starts += _starts(records, at)
        for tid, begin_ns, end_ns, name, *used in records[PHASE]:
            side: Side = "parent" if name in PARENT_PHASES else "child"
            self.phases.append(Phase(name, side, tid, at(begin_ns), at(max(begin_ns, end_ns)), *used))
        _add_programs(self, records, at)
        for tid, at_ns, category, name, args in records[INSTANT]:
            self.instants.append(Instant(category, name, tid, at(at_ns), args))
        for at_ns, name, values in records[COUNTER]:
            self.counters.append(Counter(name, at(at_ns), values))
        for kind in usage.MOMENTS:
            self.counters += usage.counters(kind, records[kind], at)
        for begin_ns, at_ns, cause, threads in records[STACKS]:
            begun_ns, dumped_ns = (at(begin_ns), at(at_ns)) if at_ns else (None, None)
            self.stacks.append(Stacks(cause, begun_ns, dumped_ns, _threads(threads)))
        for at_ns, patch, error in records[FAILURE]:
            self.failures.append(Failure(patch, error, at(at_ns)))
        for at_ns, count, error in records[LOST]:
            self.failures.append(Failure("journal", f"{count} records could not be written: {error}", at(at_ns)))

    def sort(self) -> None:
        """Put each list in the order of time; an outer event stands before what it contains."""
        for events in (self.spans, self.starts, self.phases):
            events.sort(key=_outer_first)
        # Each was written as it ended, after those inside it, and the unfinished ones come last of all: turned round,
        # of those that begin together the outer one stands first. A million are sorted in a third of the time.
        self.imports.reverse()
        self.imports.sort(key=_import_begin_ns)
        for points in (self.instants, self.counters, self.failures):
            points.sort(key=lambda point: point.at_ns)

    def last_ns(self) -> int:
        """Return the latest moment of any event."""
        intervals: Iterable[Span | Import | Start | Phase] = (*self.spans, *self.imports, *self.starts, *self.phases)
        points: Iterable[Instant | Counter | Failure] = (*self.instants, *self.counters, *self.failures)
        ends_ns = [event.begin_ns if event.end_ns is None else event.end_ns for event in intervals]
        moments_ns = [point.at_ns for point in points] + [stacks.at_ns or 0 for stacks in self.stacks]
        return max(ends_ns + moments_ns, default=0)


_import_begin_ns = attrgetter("begin_ns")


def _outer_first(event: Span | Start | Phase) -> tuple[int, float]:
    return event.begin_ns, float("-inf") if event.end_ns is None else -event.end_ns


def _spans(records: Records, at: Callable[[int], int]) -> list[Span]:
    spans = [
        Span(intern(category), name, tid, at(begin_ns), at(max(begin_ns, end_ns)), args)
        for tid, begin_ns, end_ns, category, name, args in records[SPAN]
    ]
    # Two spans can begin at one clock reading, so that the name tells them apart as well.
    finished = {(tid, begin_ns, name) for tid, begin_ns, _, _, name, _ in records[SPAN]}
    return spans + [
        Span(intern(category), name, tid, at(begin_ns), None, args)
        for tid, begin_ns, category, name, args in records[SPAN_BEGIN]
        if (tid, begin_ns, name) not in finished
    ]


def _add_collections(events: Events, records: Records, at: Callable[[int], int]) -> None:
    for (numbers,) in records[COLLECTION]:
        try:
            tid, begin_ns, end_ns, *counts, faults = [int(word, 16) for word in numbers.split()]
            args = dict(zip(("generation", "collected", "uncollectable"), counts, strict=True))
        except ValueError:
            events.failures.append(Failure("gc", f"not a record of a collection: {numbers[:50]!r}", at(0)))
            continue
        if faults >= 0:
            args["minor_faults"] = faults
        name = f"gc generation {args['generation']}"
        events.spans.append(Span("gc", name, tid, at(begin_ns), at(max(begin_ns, end_ns)), args))


def _hooks(records: Records, at: Callable[[int], int]) -> Iterator[Span]:
    """Yield a span for each at-fork handler."""
    for tid, side, names, moments in records[HOOKS]:
        for name, begin_ns, end_ns in zip(names, moments, moments[1:], strict=False):
            # The reader has seen to it that they are lists, but not what is in them.
            if (type(name), type(begin_ns), type(end_ns)) == (str, int, int):
                yield Span("fork-hook", intern(name), tid, at(begin_ns), at(max(begin_ns, end_ns)), {"side": side})


def _threads(stacks: Sequence[object]) -> list[ThreadStack]:
    """Return the threads of a record; of what is not as it should be, nothing."""
    return [
        ThreadStack(tid, name, [str(frame) for frame in frames])
        for tid, name, frames in (thread for thread in stacks if isinstance(thread, list) and len(thread) == 3)
        if isinstance(tid, int) and isinstance(name, str) and isinstance(frames, list)
    ]


def _starts(records: Records, at: Callable[[int], int]) -> list[Start]:
    starts = [
        Start(
            name,
            method,
            target,
            tid,
            at(begin_ns),
            at(max(begin_ns, end_ns)),
            child_pid or None,
            is_chosen=bool(is_chosen),
            file=intern(file),
            line=line,
        )
        for tid, begin_ns, end_ns, name, method, target, child_pid, is_chosen, file, line in records[START]
    ]
    return starts + [
        Start(name, method, target, tid, at(begin_ns), None, None, file=intern(file), line=line)
        for tid, begin_ns, name, method, target, file, line in unfinished(records[START_BEGIN], records[START])
    ]


def _add_programs(events: Events, records: Records, at: Callable[[int], int]) -> None:
    """Add the programs that were started, and what their starts consisted of."""
    for tid, begin_ns, exec_ns, end_ns, prepare_cpu_ns, exec_cpu_ns, child_pid, program, argv, is_told in records[
        PROGRAM
    ]:
        words = tuple(argv)
        moments = at(begin_ns), at(max(begin_ns, exec_ns)), at(max(begin_ns, exec_ns, end_ns))
        name, command = programs.label(program, words), " ".join(words)
        start = Start(
            name, programs.SUBPROCESS, command, tid, moments[0], moments[2], child_pid, program, words, bool(is_told)
        )
        events.starts.append(start)
        if exec_ns > begin_ns:
            events.phases.append(Phase("prepare", "parent", tid, *moments[:2], prepare_cpu_ns))
        events.phases.append(Phase("exec", "parent", tid, *moments[1:], exec_cpu_ns))


def _as_span(event: Import) -> Span:
    """Return an import of mptrace itself as a span: it is our cost, and no module of the host's."""
    return Span("tracer", f"import {event.module}", event.tid, event.begin_ns, event.end_ns)


def _is_ours(module: str) -> bool:
    return module == OURS or module.startswith(f"{OURS}.")
