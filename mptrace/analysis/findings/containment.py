"""Which finding's time lies inside another rule's, so that no time is counted for two.

Offline. A module that is imported while the main module is run again costs once: by the rule for imports, and by the
rule for main modules, which tells more. What lies nearly all inside is inside: two clock readings differ by a hair.

What lies in the time that a finding calls needed lies in the finding too: where children start one by one, the first
runs the main module as all others do, though only theirs could have gone on beside it.

One rule may report for all processes together what another tells apart by their parent, so that it is all findings of
a rule which touch a finding that may hold it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from mptrace.analysis.facts import Taken
from mptrace.analysis.findings.model import Finding, merged, total_ns

NEARLY_ALL = 0.9

# The times of findings, each without overlaps.
Times = Sequence[Sequence[Taken]]


def contained(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, root causes first as given, each with the rule that holds it in the smallest time."""
    by_rule: dict[str, list[Sequence[Taken]]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule].append(merged([*finding.taken, *finding.needed]))
    # Of two that cost the same time, the one that is nearer to the root cause holds the other.
    ranks = {rule: -number for number, rule in enumerate(by_rule)}
    found = []
    for finding in findings:
        taken = merged(finding.taken)
        holders = []
        for rule, times in by_rule.items():
            holding = _touching(times, taken) if rule != finding.rule else []
            if holding and _overlap_ns(taken, holding) >= NEARLY_ALL * total_ns(taken):
                size = total_ns(holding), ranks[rule]
                beside = _touching(by_rule[finding.rule], holding)
                if size > (total_ns(beside), ranks[finding.rule]):
                    holders.append((size, rule))
        found.append(replace(finding, contained_in=min(holders)[1]) if holders else finding)
    return found


def _touching(times: Times, taken: Sequence[Taken]) -> list[Taken]:
    """Return those of *times* that overlap *taken*, together."""
    return merged(time for each in times if _overlap_ns(each, taken) for time in each)


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
