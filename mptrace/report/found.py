"""What a person is told about one finding, before it is known how it will be drawn.

Offline.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mptrace.analysis.findings.model import Finding, Severity
from mptrace.report.words import counted, duration, ms, place, readable

PLACES = 5


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding. ``cost`` says as well by which rule it is, and whose time its own lies in.

    ``taken`` is where the time went by: the pid in the trace, begin and end in milliseconds.
    """

    severity: Severity
    title: str
    cost: str
    where: Sequence[str]
    evidence: Sequence[str]
    remedy: Sequence[str]
    predicted: str
    taken: Sequence[tuple[int, float, float]] = ()


def line(finding: Finding) -> FindingLine:
    """Put a finding in words."""
    predicted = finding.predicted
    return FindingLine(
        severity=finding.severity,
        title=readable(finding.title),
        cost=_cost(finding),
        where=_places(finding),
        evidence=[readable(evidence) for evidence in finding.evidence],
        remedy=finding.remedy.splitlines(),
        predicted=f"Predicted: {duration(ms(predicted.gain_ns))} less with {predicted.change}." if predicted else "",
        taken=[(pid, ms(begin_ns), ms(end_ns)) for pid, begin_ns, end_ns in finding.taken],
    )


def _cost(finding: Finding) -> str:
    """Say the cost; a finding may have none, or none that is known."""
    where = f" in {counted(len(finding.pids), 'process', 'processes')}" if finding.pids else ""
    cost = f"{duration(ms(finding.cost_ns))}{where}" if finding.cost_ns else f"no time{where}"
    inside = f", part of the time of {finding.contained_in}" if finding.contained_in else ""
    return f"{cost}{inside} [{finding.rule}]"


def _places(finding: Finding) -> list[str]:
    files = [(place(where.file), where.line) for where in finding.where[:PLACES]]
    places = [f"{file}:{line}" if line else file for file, line in files]
    more = len(finding.where) - PLACES
    return [*places, f"{counted(more, 'more place')}"] if more > 0 else places
