"""No time is counted for two findings: which lies inside which."""

from collections.abc import Sequence

from mptrace.analysis.facts import Taken
from mptrace.analysis.findings.containment import contained
from mptrace.analysis.findings.model import Finding, total_ns


def finding(rule: str, taken: Sequence[tuple[int, int, int]], needed: Sequence[tuple[int, int, int]] = ()) -> Finding:
    """Return a finding of which only the time matters."""
    times = [Taken(*each) for each in taken]
    return Finding(rule, rule, "warning", total_ns(times), [], [], [], "", times, [Taken(*each) for each in needed])


def holders(*findings: Finding) -> list[str | None]:
    """Return which rule each finding is contained in."""
    return [found.contained_in for found in contained(findings)]


def test_time_inside_anothers_is_contained() -> None:
    """An import within the main module's second run, in each process."""
    main = finding("main", [(1, 0, 100), (2, 0, 100)])
    imports = finding("imports", [(1, 10, 60), (2, 20, 70)])
    assert holders(main, imports) == [None, "main"]


def test_smallest_holder_is_named() -> None:
    """What lies in a thing that lies in a thing lies in the nearer one."""
    found = finding("a", [(1, 0, 100)]), finding("b", [(1, 10, 50)]), finding("c", [(1, 20, 30)])
    assert holders(*found) == [None, "a", "b"]


def test_first_of_equals_holds_the_other() -> None:
    """Never both: a cost would be lost."""
    assert holders(finding("a", [(1, 0, 100)]), finding("b", [(1, 0, 100)])) == [None, "a"]


def test_a_tenth_may_lie_outside() -> None:
    """But no more: nine tenths inside is inside, less is not."""
    outer = finding("a", [(1, 0, 200)])
    assert holders(outer, finding("b", [(1, 110, 210)])) == [None, "a"]
    assert holders(outer, finding("b", [(1, 111, 211)])) == [None, None]


def test_same_moments_of_other_processes_are_apart() -> None:
    """Time belongs to a process."""
    assert holders(finding("a", [(1, 0, 100)]), finding("b", [(2, 10, 50)])) == [None, None]


def test_findings_of_one_rule_are_apart() -> None:
    """A rule that reports two things has told them apart itself."""
    assert holders(finding("a", [(1, 0, 100)]), finding("a", [(1, 10, 50)])) == [None, None]


def test_findings_of_one_rule_hold_together() -> None:
    """A statement is reported once; the main module that it stands in, for the children of each parent."""
    mains = finding("main", [(1, 0, 100)]), finding("main", [(2, 0, 80), (3, 0, 80)])
    statement = finding("statement", [(1, 5, 80), (2, 2, 76), (3, 2, 76)])
    assert holders(*mains, statement) == [None, None, "main"]


def test_what_holds_together_is_held_by_none_of_them() -> None:
    """Not even where the whole of the other is more than this one is."""
    mains = finding("main", [(1, 0, 100)]), finding("main", [(2, 0, 100)])
    statement = finding("statement", [(1, 3, 98), (2, 3, 98)])
    assert holders(*mains, statement) == [None, None, "main"]


def test_needed_time_holds_too() -> None:
    """The first child's main module is no more apart from a row of starts than those of the others."""
    main = finding("main", [(1, 10, 90), (2, 110, 190), (3, 210, 290)])
    assert holders(main, finding("serial", [(2, 100, 200), (3, 200, 300)])) == [None, None]
    assert holders(main, finding("serial", [(2, 100, 200), (3, 200, 300)], [(1, 0, 100)])) == ["serial", None]


def test_needed_time_is_in_nothing() -> None:
    """It is no cost, so it need not be counted with another's."""
    assert holders(finding("a", [(1, 0, 100)]), finding("b", [(1, 10, 20)], [(2, 0, 50)])) == [None, "a"]


def test_cost_without_a_place_is_in_nothing() -> None:
    """Throttled time is known as a sum only."""
    assert holders(finding("a", [(1, 0, 100)]), finding("b", [])) == [None, None]


def test_overlap_counts_once_for_each_process() -> None:
    """Two threads of one process, and another process."""
    assert total_ns([Taken(1, 0, 10), Taken(1, 5, 20), Taken(2, 0, 10), Taken(1, 30, 30)]) == 30
