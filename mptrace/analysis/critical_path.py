"""What a child's start-up was waiting for at each moment: one phase, of the parent or of the child.

Offline. The way to ready goes through two processes at once: a spawned child begins while its parent is still in exec,
and works while its parent still sends. The critical path is the way cut into pieces, each of which counts for the one
phase that the child could not do without: the parent's until the child's own begin, then the child's. That the child
begins within the exec that made it, the merge has seen to (trace/continuity.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mptrace.trace.model import Phase


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the critical path, in *phase* or, where that is None, in no phase that is known."""

    begin_ns: int
    end_ns: int
    phase: Phase | None

    @property
    def wall_ns(self) -> int:
        """How long it took."""
        return self.end_ns - self.begin_ns


def critical_path(begin_ns: int, ready_ns: int | None, phases: Iterable[Phase]) -> list[Piece]:
    """Return the pieces that [begin_ns, ready_ns) falls into, in order, without gaps; none for a way without end."""
    if ready_ns is None or ready_ns <= begin_ns:
        return []
    known = list(phases)
    moments = {moment_ns for phase in known for moment_ns in (phase.begin_ns, phase.end_ns)}
    borders = [begin_ns, *sorted(moment for moment in moments if begin_ns < moment < ready_ns), ready_ns]
    pieces: list[Piece] = []
    for from_ns, to_ns in pairwise(borders):
        phase = _ruling([phase for phase in known if phase.begin_ns <= from_ns < phase.end_ns])
        if pieces and pieces[-1].phase is phase:
            pieces[-1] = replace(pieces[-1], end_ns=to_ns)
        else:
            pieces.append(Piece(from_ns, to_ns, phase))
    return pieces


def _ruling(phases: Sequence[Phase]) -> Phase | None:
    """Return which of *phases*, given in the order of their begin, a moment counts for that lies in all of them."""
    parents = [phase for phase in phases if phase.side == "parent"]
    own = [phase for phase in phases if phase.side == "child"]
    if not own:
        return parents[-1] if parents else None
    # A child that receives waits for what its parent sends.
    if own[-1].name == "receive" and parents and parents[-1].name == "send":
        return parents[-1]
    return own[-1]
