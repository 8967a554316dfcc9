"""What a person is told about how processes started: a table of groups, and the slowest child as a waterfall.

Offline. Says what is shown and in which order; whoever draws it decides how. Moments of a waterfall count from the
call of start().
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from mptrace.analysis.creations import Created
from mptrace.analysis.phases import StartUp
from mptrace.analysis.reasons import Kind, Reason, contents, reasons
from mptrace.analysis.wording import names
from mptrace.report.words import NAME_LENGTH, counted, cut, duration, ms
from mptrace.trace.model import Phase, Side

PHASES_PER_GROUP = 3
NAMED_PER_PHASE = 3
# What is less than this share of the time to ready is not worth a line of its own.
LEAST_SHARE = 0.01
# Nor are locks and queues that took less than this to create.
LEAST_CREATION_MS = 1.0
# What one of them is called, and more of them, where it is not enough to add an s.
NOUNS = {"SharedMemory": ("block of SharedMemory", "blocks of SharedMemory")}


@dataclass(frozen=True, slots=True)
class PhaseShare:
    """What a phase is of the time to ready of a group; of a group that is never ready only the mean is known.

    The name is empty for the time that lies in no phase.
    """

    name: str
    mean_ms: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Children of one role and start method, ``ready`` of whom were ready at some time, with their dearest phases."""

    role: str
    start_method: str
    count: int
    ready: int
    median_ms: float | None
    worst_ms: float | None
    phases: Sequence[PhaseShare]


@dataclass(frozen=True, slots=True)
class Inside:
    """What is inside a phase: a thing with all that it contains, or, without a name, ``count`` of a kind together."""

    kind: Kind
    name: str
    wall_ms: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One phase of a waterfall. ``counted`` are the parts of it, begin and end, that the child could not do without."""

    name: str
    side: Side
    begin_ms: float
    wall_ms: float
    cpu_ms: float
    counted: Sequence[tuple[float, float]]
    inside: Sequence[Inside]


@dataclass(frozen=True, slots=True)
class KindShare:
    """What the reasons of one kind are of the time to ready."""

    kind: Kind
    share: float
    is_measured: bool


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The start-up of one child, phase by phase; ``kinds`` says what its time went into, where that is worth saying."""

    name: str
    pid: int
    ready_ms: float
    explained: float
    rows: Sequence[Row]
    kinds: Sequence[KindShare]


def groups(ways: Iterable[StartUp]) -> list[Group]:
    """Put like children together, the group that took longest in all first."""
    members: dict[tuple[str, str], list[StartUp]] = {}
    for way in ways:
        if way.process.start_method != "root":
            members.setdefault((way.process.role, way.process.start_method), []).append(way)
    found = [_group(role, start_method, group) for (role, start_method), group in members.items()]
    return sorted(found, key=lambda group: -(group.worst_ms or 0) * group.count)


def _group(role: str, start_method: str, members: Sequence[StartUp]) -> Group:
    ready_ns = [way.time_to_ready_ns for way in members if way.time_to_ready_ns is not None]
    spent_ns: Counter[str] = Counter()
    for way in members:
        for piece in way.path:
            spent_ns[piece.phase.name if piece.phase else ""] += piece.wall_ns
        if not ready_ns:
            for phase in way.phases:
                spent_ns[phase.name] += phase.end_ns - phase.begin_ns
    number = len(ready_ns) or len(members)
    total_ns = sum(ready_ns)
    dearest = [(name, wall_ns) for name, wall_ns in spent_ns.most_common() if wall_ns >= LEAST_SHARE * total_ns]
    return Group(
        role=role,
        start_method=start_method,
        count=len(members),
        ready=len(ready_ns),
        median_ms=ms(round(median(ready_ns))) if ready_ns else None,
        worst_ms=ms(max(ready_ns)) if ready_ns else None,
        phases=[
            PhaseShare(name, ms(wall_ns // number), wall_ns / total_ns if total_ns else None)
            for name, wall_ns in dearest[:PHASES_PER_GROUP]
        ],
    )


def slowest(ways: Iterable[StartUp]) -> StartUp | None:
    """Return the child that took longest to be ready, if one ever was."""
    children = [way for way in ways if way.process.start and way.path]
    return max(children, key=lambda way: way.time_to_ready_ns or 0, default=None)


def waterfall(way: StartUp) -> Waterfall:
    """Return the phases of one start-up that lie before ready, in the order in which they began."""
    named = contents(way)
    taken_ns = way.time_to_ready_ns or 0
    phases = [phase for phase in way.phases if way.ready_ns is None or phase.begin_ns < way.ready_ns]
    return Waterfall(
        name=cut(way.process.name, NAME_LENGTH),
        pid=way.process.os_pid,
        ready_ms=ms(taken_ns),
        explained=way.explained or 0.0,
        rows=[_row(phase, way, [reason for reason in named if reason.phase is phase]) for phase in phases],
        kinds=[kind for kind in _kinds(reasons(way), taken_ns) if kind.share >= LEAST_SHARE],
    )


def creations(known: Iterable[Created]) -> list[str]:
    """Say what was created on the way to children, where that took long enough to be of interest."""
    lines = []
    of_children: list[Created] = []
    for created in known:
        if created.until == "ready":
            of_children.append(created)
        elif ms(created.took_ns) >= LEAST_CREATION_MS:
            took, what = duration(ms(created.took_ns)), _things(created.counts)
            who = cut(created.process.name, NAME_LENGTH)
            lines.append(f"{who} spent {took} creating {what} before it started its first child.")
    took_ms = ms(sum(created.took_ns for created in of_children))
    if took_ms >= LEAST_CREATION_MS:
        together: Counter[str] = Counter()
        for created in of_children:
            together.update(created.counts)
        who = counted(len(of_children), "child", "children")
        lines.append(f"{who} spent {duration(took_ms)} in all creating {_things(together)} before being ready.")
    return lines


def _things(counts: Mapping[str, int]) -> str:
    words = [counted(number, *NOUNS.get(kind, (kind,))) for kind, number in counts.items()]
    return names(words, len(words))


def _kinds(known: Iterable[Reason], taken_ns: int) -> list[KindShare]:
    by_kind: dict[Kind, list[Reason]] = {}
    for reason in known:
        by_kind.setdefault(reason.kind, []).append(reason)
    shares = [
        KindShare(kind, sum(reason.wall_ns for reason in group) / taken_ns, all(reason.is_measured for reason in group))
        for kind, group in by_kind.items()
    ]
    return sorted(shares, key=lambda kind: -kind.share)


def _row(phase: Phase, way: StartUp, named: Sequence[Reason]) -> Row:
    pieces = [piece for piece in way.path if piece.phase is phase]
    return Row(
        name=phase.name,
        side=phase.side,
        begin_ms=ms(phase.begin_ns - way.begin_ns),
        wall_ms=ms(phase.end_ns - phase.begin_ns),
        cpu_ms=ms(phase.cpu_ns),
        counted=[(ms(piece.begin_ns - way.begin_ns), ms(piece.end_ns - way.begin_ns)) for piece in pieces],
        inside=_inside(named, LEAST_SHARE * (way.time_to_ready_ns or 0)),
    )


def _inside(named: Sequence[Reason], least_ns: float) -> list[Inside]:
    """Return the dearest few things, and the others of each kind together, if they are worth a line.

    Our own work is of no interest in detail.
    """
    hosts = [reason for reason in named if reason.kind != "tracer"]
    dearest = [reason for reason in hosts[:NAMED_PER_PHASE] if reason.wall_ns >= least_ns]
    shown = [Inside(reason.kind, reason.name, ms(reason.wall_ns)) for reason in dearest]
    others: dict[Kind, list[Reason]] = {}
    for reason in named:
        if reason not in dearest:
            others.setdefault(reason.kind, []).append(reason)
    for kind, group in others.items():
        wall_ns = sum(reason.wall_ns for reason in group)
        if wall_ns >= least_ns:
            name = "tracing" if kind == "tracer" else group[0].name if len(group) == 1 else ""
            shown.append(Inside(kind, name, ms(wall_ns), len(group)))
    return shown
