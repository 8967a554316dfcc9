"""Traces in which a rule finds something, or must not.

Serves the tests of the rules, which build journals with tests.journals.
"""

from mptrace.analysis.facts import Facts
from mptrace.analysis.findings import find, module_of
from mptrace.analysis.findings.model import Finding
from mptrace.trace.merge import load
from tests.journals import RunFolder


def findings(run: RunFolder, rule: str) -> list[Finding]:
    """Return what one rule finds in a run."""
    return list(module_of(rule).find(Facts(load([run.write()]))))


def all_findings(run: RunFolder) -> list[Finding]:
    """Return what all rules find in a run."""
    return find(load([run.write()]))
