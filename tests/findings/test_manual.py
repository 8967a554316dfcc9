"""Every rule has a manual page of the same sections, and a row that leads to its file."""

import pytest

from mptrace.analysis.findings import RULES, module_of
from mptrace.analysis.findings.manual import SECTIONS, WIDTH, page, pattern

each_rule = pytest.mark.parametrize("rule", RULES)


@each_rule
def test_row_and_file_have_one_name(rule: str) -> None:
    """The rule's, with underscores."""
    assert RULES[rule] == f"mptrace.analysis.findings.{rule.replace('-', '_')}"
    assert rule == module_of(rule).RULE


@each_rule
def test_page_has_its_sections_in_order(rule: str) -> None:
    """Each with text below it."""
    lines = page(rule).splitlines()
    assert lines[0] == rule
    headings = [line for line in lines[1:] if line and not line.startswith(" ")][-len(SECTIONS) :]
    assert headings == list(SECTIONS)
    assert all(lines[lines.index(heading) + 1].strip() for heading in headings)


@each_rule
def test_page_shows_code_before_and_after(rule: str) -> None:
    """The remedy is something to type."""
    remedy = page(rule).partition("\nRemedy:\n")[2].partition("\nWhen it is not reported:\n")[0]
    assert "        # before" in remedy
    assert "        # after" in remedy


@each_rule
def test_pattern_is_a_sentence(rule: str) -> None:
    """It stands in the list of the rules."""
    assert pattern(rule).endswith(".")
    assert len(pattern(rule)) <= 120


@each_rule
def test_text_fits_a_terminal(rule: str) -> None:
    """All but code and addresses, which are not to be broken."""
    lines = [line for line in page(rule).splitlines() if not line.startswith(" " * 8) and "://" not in line]
    assert [line for line in lines if len(line) > WIDTH] == []
