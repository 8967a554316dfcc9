"""``mptrace explain``."""

from pathlib import Path

from mptrace.analysis.findings import RULES
from mptrace.analysis.findings.manual import page
from tests.commands.shell import mptrace


def test_rule_is_explained(tmp_path: Path) -> None:
    """By its manual page."""
    outcome = mptrace(tmp_path, "explain", "repeated-import")
    assert (outcome.status, outcome.stderr) == (0, "")
    assert outcome.stdout == page("repeated-import")
    assert "\n    Let a server import it once," in outcome.stdout


def test_rules_are_listed(tmp_path: Path) -> None:
    """Each with its pattern, in 80 columns."""
    lines = mptrace(tmp_path, "explain").stdout.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == sorted(RULES)
    assert max(map(len, lines)) <= 80


def test_unknown_rule_is_wrong_usage(tmp_path: Path) -> None:
    """And it is said where the rules are."""
    outcome = mptrace(tmp_path, "explain", "no-such-rule")
    assert outcome.status == 2
    assert outcome.stderr == "mptrace: error: there is no rule 'no-such-rule': mptrace explain lists them\n"
