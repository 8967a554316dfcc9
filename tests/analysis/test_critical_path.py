"""The critical path: every moment between start() and ready counts for one phase."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mptrace.analysis.critical_path import critical_path
from mptrace.trace.continuity import continued
from mptrace.trace.model import Phase
from tests.trace.traces import MS, phase, start

NAMES = ("exec", "send", "interpreter", "receive", "main-module")


def path(begin: int, ready: int, *phases: Phase) -> list[tuple[str, int, int]]:
    """Return the pieces as name, begin and end in milliseconds; the name of no phase is a dash."""
    return [
        (piece.phase.name if piece.phase else "-", piece.begin_ns // MS, piece.end_ns // MS)
        for piece in critical_path(begin * MS, ready * MS, phases)
    ]


def test_phases_follow_each_other() -> None:
    """One phase ends where the next begins, and a time between two of them counts for none."""
    assert path(0, 40, phase("prepare", 0, 5, "parent"), phase("exec", 5, 10, "parent"), phase("site", 20, 40)) == [
        ("prepare", 0, 5), ("exec", 5, 10), ("-", 10, 20), ("site", 20, 40),
    ]  # fmt: skip


def test_own_phases_rule_from_the_childs_begin() -> None:
    """What the parent still does then is done beside it."""
    phases = phase("exec", 0, 10, "parent"), phase("send", 10, 60, "parent"), phase("interpreter", 8, 30)
    assert path(0, 70, *phases, phase("site", 30, 70)) == [
        ("exec", 0, 8), ("interpreter", 8, 30), ("site", 30, 70)
    ]  # fmt: skip


def test_child_that_receives_waits_for_what_is_sent() -> None:
    """While the parent sends, receiving is not the child's own doing."""
    phases = phase("send", 0, 30, "parent"), phase("interpreter", 0, 20), phase("receive", 20, 40)
    assert path(0, 40, *phases) == [("interpreter", 0, 20), ("send", 20, 30), ("receive", 30, 40)]


def test_parent_fills_what_its_child_leaves_open() -> None:
    """A moment of which the child says nothing counts for what the parent did."""
    phases = phase("forkserver", 0, 30, "parent"), phase("after-fork-hooks", 10, 15), phase("receive", 20, 40)
    assert path(0, 40, *phases) == [
        ("forkserver", 0, 10), ("after-fork-hooks", 10, 15), ("forkserver", 15, 20), ("receive", 20, 40),
    ]  # fmt: skip


def test_child_begins_within_the_exec_that_made_it() -> None:
    """An interpreter that says it began after its exec, or before, is taken at the parent's word."""
    execution, call = phase("exec", 5, 10, "parent"), start("P", 0, 30, child_pid=101)
    late = continued([phase("interpreter", 14, 30)], call, [execution])
    assert path(5, 30, execution, *late) == [("exec", 5, 10), ("interpreter", 10, 30)]
    early = continued([phase("interpreter", 1, 30)], call, [execution])
    assert path(0, 30, execution, *early) == [("-", 0, 5), ("interpreter", 5, 30)]


def test_phases_are_cut_at_ready() -> None:
    """What goes on after ready is no part of the way, and neither is what went on before start()."""
    assert path(10, 30, phase("send", 0, 50, "parent")) == [("send", 10, 30)]


def test_way_without_end_has_no_path() -> None:
    """A process that was never ready, or was so at once, has nothing to be explained."""
    assert critical_path(5, None, [phase("site", 0, 9)]) == []
    assert critical_path(5, 5, [phase("site", 0, 9)]) == []


phases = st.builds(
    lambda name, side, begin, length: phase(name, begin, begin + length, side),
    st.sampled_from(NAMES), st.sampled_from(("parent", "child")), st.integers(0, 50), st.integers(0, 30),
)  # fmt: skip


@given(st.lists(phases, max_size=8), st.integers(0, 40), st.integers(1, 60))
def test_pieces_leave_no_gap(known: list[Phase], begin: int, length: int) -> None:
    """Whatever was recorded, the pieces are the whole way, in order, and no two neighbours count for one phase."""
    known.sort(key=lambda phase: (phase.begin_ns, phase.end_ns))
    pieces = critical_path(begin * MS, (begin + length) * MS, known)
    assert (pieces[0].begin_ns, pieces[-1].end_ns) == (begin * MS, (begin + length) * MS)
    for piece, following in pairwise(pieces):
        assert piece.begin_ns < piece.end_ns == following.begin_ns
        assert piece.phase is not following.phase
