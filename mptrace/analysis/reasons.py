"""Why a child was not ready earlier: each nanosecond of its critical path has exactly one reason.

Offline. The model is the breakdown that Perfetto makes of the start of an Android app. The first part of a reason is
the phase. Within a phase it is the innermost thing that has a name: an import (for its self time), a top-level
statement, a lock waited for, a garbage collection, an at-fork handler, or our own work. What is left of a phase was
spent on a CPU, waiting for one, or neither.

How much CPU time went by is known for each phase as a whole. Where all of a phase is on the path, and nothing in it
but waits for locks has a name, that divides the rest exactly. Elsewhere the rest is divided in the same proportion,
and ``is_measured`` is False.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from operator import itemgetter
from typing import Literal, get_args

from mptrace.analysis.critical_path import Piece
from mptrace.analysis.phases import StartUp
from mptrace.trace.model import Import, Phase, Process, Side, Span
from mptrace.trace.nesting import Interval, Stretch, innermost, intervals, outermost

NamedKind = Literal["import", "statement", "lock", "gc", "fork-hook", "tracer"]
# `not-running` is waiting or off-cpu, where the kernel does not tell them apart; `unknown` is outside of every phase.
Kind = Literal[NamedKind, "running", "waiting", "off-cpu", "not-running", "unknown"]
# The category of a span is the kind of the reason that it is.
NAMED: Mapping[str, NamedKind] = {kind: kind for kind in get_args(NamedKind)}
# A time in which something with a name went on.
_Named = tuple[int, int, Kind, str]
# What people wrote a line for.
WRITTEN = ("import", "statement")


@dataclass(frozen=True, slots=True)
class Reason:
    """What *wall_ns* of the critical path went into; *name* is that of an import, a statement and so on, or empty."""

    phase: Phase | None
    kind: Kind
    name: str
    wall_ns: int
    is_measured: bool = True


def reasons(way: StartUp) -> list[Reason]:
    """Return the reasons of one start-up, the dearest first. Together they are exactly its time to ready."""
    known = _named(way, NAMED, innermost)
    found: list[Reason] = []
    for phase, pieces in _by_phase(way):
        wall_ns = sum(piece.wall_ns for piece in pieces)
        if phase is None:
            found.append(Reason(None, "unknown", "", wall_ns))
        else:
            named = [reason for reason in known if reason.phase is phase]
            found += [*named, *_rest(phase, wall_ns, named)]
    return sorted(found, key=_dearest_first)


def contents(way: StartUp) -> list[Reason]:
    """Return what is in the phases of one start-up in the terms of those who wrote it, the dearest first.

    Imports and statements are the outermost ones, with all that they import and run in turn; what else has a name is
    given as often as it occurs. So these times overlap.
    """
    written = _named(way, WRITTEN, outermost)
    others = _named(way, NAMED.keys() - set(WRITTEN), innermost)
    return sorted(written + others, key=_dearest_first)


def shortened(known: Sequence[Reason], most: int) -> list[Reason]:
    """Return reasons that add up to the same, the dearest first: *most* of them as they are.

    Of the others, those of one kind in one phase are one reason without a name.
    """
    found = list(known[:most])
    others: dict[tuple[int, Kind], list[Reason]] = {}
    for reason in known[most:]:
        others.setdefault((id(reason.phase), reason.kind), []).append(reason)
    for group in others.values():
        wall_ns = sum(reason.wall_ns for reason in group)
        is_measured = all(reason.is_measured for reason in group)
        found.append(replace(group[0], name="", wall_ns=wall_ns, is_measured=is_measured))
    return sorted(found, key=_dearest_first)


def _dearest_first(reason: Reason) -> int:
    return -reason.wall_ns


def _by_phase(way: StartUp) -> list[tuple[Phase | None, list[Piece]]]:
    """Return the pieces of the critical path that count for each phase."""
    pieces: dict[int, list[Piece]] = {}
    for piece in way.path:
        pieces.setdefault(id(piece.phase), []).append(piece)
    return [(group[0].phase, group) for group in pieces.values()]


def _named(way: StartUp, kinds: Collection[str], divide: Callable[[Sequence[Interval]], list[Stretch]]) -> list[Reason]:
    """Return what of these *kinds* has a name in each phase. *divide* says what a moment counts for."""
    named = {
        "parent": _stretches(way, way.parent, "parent", kinds, divide) if way.parent else {},
        "child": _stretches(way, way.process, "child", kinds, divide),
    }
    found: list[Reason] = []
    for phase, pieces in _by_phase(way):
        if phase:
            wall_ns = _counted(named[phase.side][phase.tid], pieces)
            found += [Reason(phase, kind, name, time_ns) for (kind, name), time_ns in wall_ns.items() if time_ns]
    return found


def _stretches(
    way: StartUp,
    process: Process,
    side: Side,
    kinds: Collection[str],
    divide: Callable[[Sequence[Interval]], list[Stretch]],
) -> dict[int, list[_Named]]:
    """Return what had a name in *process* while *way* went on, in order, for each thread that had a phase of it.

    Something that went on around a whole phase, such as the statement that called start(), is no part of it.
    """
    last_ns = way.ready_ns or way.begin_ns
    candidates: list[Import | Span] = [span for span in process.spans if span.category in kinds]
    if "import" in kinds:
        candidates += process.imports
    found: dict[int, list[_Named]] = {}
    for tid in {phase.tid for phase in way.phases if phase.side == side}:
        events = [event for event in candidates if way.begin_ns <= event.begin_ns < last_ns and event.tid == tid]
        phases = [phase for phase in way.phases if phase.side == side and phase.tid == tid]
        begins_ns = [phase.begin_ns for phase in phases]
        known = intervals(events, process)
        inside = [number for number, times in enumerate(known) if not _is_around(times, phases, begins_ns)]
        found[tid] = [
            (begin_ns, end_ns, *_kind_and_name(events[inside[number]]))
            for begin_ns, end_ns, number in divide([known[number] for number in inside])
        ]
    return found


def _is_around(event: Interval, phases: Sequence[Phase], begins_ns: Sequence[int]) -> bool:
    """Return whether *event* holds one of *phases*, which follow each other, and more than that."""
    # Of those that begin after it, the first is the first to end.
    position = bisect_left(begins_ns, event[0])
    if position == len(phases):
        return False
    phase = phases[position]
    return phase.end_ns <= event[1] and (phase.begin_ns, phase.end_ns) != event


def _kind_and_name(event: Import | Span) -> tuple[Kind, str]:
    return ("import", event.module) if isinstance(event, Import) else (NAMED[event.category], event.name)


def _counted(named: Sequence[_Named], pieces: Sequence[Piece]) -> Mapping[tuple[Kind, str], int]:
    """Return how long each thing went on within *pieces*."""
    wall_ns: dict[tuple[Kind, str], int] = defaultdict(int)
    for piece in pieces:
        position = max(0, bisect_right(named, piece.begin_ns, key=itemgetter(0)) - 1)
        for begin_ns, end_ns, kind, name in islice(named, position, None):
            if begin_ns >= piece.end_ns:
                break
            wall_ns[kind, name] += max(0, min(end_ns, piece.end_ns) - max(begin_ns, piece.begin_ns))
    return wall_ns


def _rest(phase: Phase, wall_ns: int, named: Sequence[Reason]) -> Iterator[Reason]:
    """Divide what *named* leaves of *wall_ns* as *phase* was divided on the whole, locks apart: who waits, sleeps."""
    named_ns = sum(reason.wall_ns for reason in named)
    locked_ns = sum(reason.wall_ns for reason in named if reason.kind == "lock")
    rest_ns = wall_ns - named_ns
    awake_ns = max(1, phase.end_ns - phase.begin_ns - locked_ns)
    # Several threads may have run at a time: there is no more to divide than there is.
    ran_ns = min(phase.cpu_ns, awake_ns)
    running_ns = rest_ns * ran_ns // awake_ns
    division: list[tuple[Kind, int]] = [("running", running_ns), ("not-running", rest_ns - running_ns)]
    if phase.run_queue_ns is not None:
        waiting_ns = rest_ns * min(phase.run_queue_ns, awake_ns - ran_ns) // awake_ns
        division[1:] = [("waiting", waiting_ns), ("off-cpu", rest_ns - running_ns - waiting_ns)]
    is_measured = named_ns == locked_ns and wall_ns == phase.end_ns - phase.begin_ns
    for kind, time_ns in division:
        if time_ns:
            yield Reason(phase, kind, "", time_ns, is_measured)
