"""What is said about a start-up in one sentence or less, the same on a terminal and in a browser.

Offline.
"""

from collections.abc import Sequence

from mptrace.report.start_ups import Inside, KindShare, PhaseShare
from mptrace.report.words import KINDS, THINGS, duration, percent

READY = (
    "Time to ready: from the call of start() in the parent to the first line of the target in the child. "
    "It is made up of phases; the dearest are named, with their share."
)
NO_FINDINGS = "No rule found anything to report."
NEVER_READY = "Without a time: it never said that it was ready."


def phase_share(phase: PhaseShare) -> str:
    """Return a phase with its share of the time to ready."""
    return (
        f"{phase.name or KINDS['unknown']} {duration(phase.mean_ms) if phase.share is None else percent(phase.share)}"
    )


def inside_name(inside: Inside, shown: Sequence[Inside]) -> str:
    """Return a thing's name, or how many there are beside those of their kind that are shown by name."""
    if inside.name:
        return THINGS[inside.kind] + inside.name
    more = "more " if any(other.name for other in shown if other.kind == inside.kind) else ""
    return f"{inside.count} {more}{KINDS[inside.kind]}"


def went_into(kind: KindShare) -> str:
    """Return what a part of the time to ready went into."""
    return f"{KINDS[kind.kind]} {'' if kind.is_measured else 'about '}{percent(kind.share)}"
