"""Which finding's time lies inside another's, so that no time is counted for two.

Offline. A module that is imported while the main module is run again costs once: by the rule for imports, and by the
rule for main modules, which tells more. What lies nearly all inside is inside: two clock readings differ by a hair.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from mptrace.analysis.facts import Taken
from mptrace.analysis.findings.model import Finding, merged

NEARLY_ALL = 0.9


def contained(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, root causes first as given, each with the smallest one that its time lies in."""
    times = [merged(finding.taken) for finding in findings]
    totals_ns = [sum(end_ns - begin_ns for _, begin_ns, end_ns in taken) for taken in times]
    found: list[Finding] = []
    for number, finding in enumerate(findings):
        holders = [
            other
            for other in range(len(findings))
            if totals_ns[number]
            and findings[other].rule != finding.rule
            # Of two that cost the same time, the one that is nearer to the root cause holds the other.
            and (totals_ns[other], -other) > (totals_ns[number], -number)
            and _overlap_ns(times[number], times[other]) >= NEARLY_ALL * totals_ns[number]
        ]
        holder = min(holders, key=lambda other: (totals_ns[other], -other), default=None)
        found.append(finding if holder is None else replace(finding, contained_in=findings[holder].rule))
    return found


def _overlap_ns(some: Sequence[Taken], others: Sequence[Taken]) -> int:
    """Return how much of *some* is in *others*; both are sorted, and neither overlaps itself."""
    overlap_ns = 0
    for pid, begin_ns, end_ns in some:
        position = max(0, bisect_right(others, (pid, begin_ns, begin_ns)) - 1)
        while position < len(others) and (others[position].pid, others[position].begin_ns) < (pid, end_ns):
            other = others[position]
            if other.pid == pid:
                overlap_ns += max(0, min(end_ns, other.end_ns) - max(begin_ns, other.begin_ns))
            position += 1
    return overlap_ns
