"""Where a parent's account of a start-up ends, its child's begins.

Offline. A spawned child cannot say when it was executed: it counts back how long it has run or waited for a CPU, and
so comes out late by what it slept in reading files. Its parent saw the call begin and return.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from mptrace.trace.model import Phase, Start


def continued(child: Sequence[Phase], start: Start, parent: Sequence[Phase]) -> list[Phase]:
    """Return the phases of a *child* so that its interpreter began within, or right after, the exec of its parent.

    *start* is the call of *parent* that made the child. The phases of both are in the order in which they began.
    """
    executions = [phase for phase in _begun_during(start, parent) if phase.name == "exec" and _is_within(phase, start)]
    if not executions:
        return list(child)
    execution = executions[-1]
    return [_begun_within(phase, execution) if phase.name == "interpreter" else phase for phase in child]


def _begun_during(start: Start, phases: Sequence[Phase]) -> Sequence[Phase]:
    first = bisect_left(phases, start.begin_ns, key=_begin_ns)
    return phases[first:] if start.end_ns is None else phases[first : bisect_right(phases, start.end_ns, key=_begin_ns)]


_begin_ns = attrgetter("begin_ns")


def _is_within(phase: Phase, start: Start) -> bool:
    return phase.tid == start.tid and (start.end_ns is None or phase.end_ns <= start.end_ns)


def _begun_within(interpreter: Phase, execution: Phase) -> Phase:
    begin_ns = min(max(interpreter.begin_ns, execution.begin_ns), execution.end_ns)
    return replace(interpreter, begin_ns=begin_ns, end_ns=max(begin_ns, interpreter.end_ns))
