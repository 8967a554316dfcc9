"""What a rule finds.

Offline. A finding says what happened, where, what it cost and what to type instead; whoever draws it adds nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mptrace.analysis.facts import Place, Taken

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a change would gain, computed and not measured. ``change`` reads on from "with"."""

    gain_ns: int
    change: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    ``cost_ns`` is wall time, summed over the processes ``pids``; ``taken`` is where it went by, empty where it has no
    place. ``needed`` is time of the same kind that had to be spent once, and so is no cost. The first of ``where`` is
    the root cause. Lines of code in ``remedy`` stand alone, indented by four.
    ``contained_in`` is the rule of the finding in whose time this one's lies: the two are to be counted once.
    """

    rule: str
    title: str
    severity: Severity
    cost_ns: int
    pids: Sequence[int]
    where: Sequence[Place]
    evidence: Sequence[str]
    remedy: str
    taken: Sequence[Taken] = ()
    needed: Sequence[Taken] = ()
    predicted: Prediction | None = None
    contained_in: str | None = None


def merged(taken: Iterable[Taken]) -> list[Taken]:
    """Return the same time without overlaps, by process and begin."""
    found: list[Taken] = []
    for pid, begin_ns, end_ns in sorted(taken):
        if found and found[-1].pid == pid and begin_ns <= found[-1].end_ns:
            found[-1] = Taken(pid, found[-1].begin_ns, max(found[-1].end_ns, end_ns))
        elif end_ns > begin_ns:
            found.append(Taken(pid, begin_ns, end_ns))
    return found


def total_ns(taken: Iterable[Taken]) -> int:
    """Return how long all of it is; a moment counts once for each process."""
    return sum(end_ns - begin_ns for _, begin_ns, end_ns in merged(taken))
