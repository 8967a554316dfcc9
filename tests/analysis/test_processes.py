"""How long the run took, who started whom, and what tracing cost."""

from mptrace.analysis.processes import Overhead, children, overhead, wall_ns
from tests.trace.traces import MS, child_of, process, span, start, trace_of


def test_run_lasts_until_the_last_sign_of_life() -> None:
    """The run is over when nobody is heard of any more."""
    assert wall_ns(trace_of([process(1, last_ns=50 * MS), process(2, last_ns=70 * MS)])) == 70 * MS
    assert wall_ns(trace_of([])) == 0


def test_children_stand_by_their_parent() -> None:
    """A process without children is not among the parents."""
    call = start("P", 1, 2, 2)
    parent = process(1, starts=[call])
    child = child_of(parent, call, 2)
    assert children(trace_of([parent, child])) == {1: [child]}


def test_overhead_counts_each_moment_once_per_thread() -> None:
    """Patches are installed during boot; writing records comes on top."""
    booted = process(
        1, spans=[span("boot", 0, 4, "tracer"), span("patches", 1, 2, "tracer"), span("patch os", 9, 10, "tracer")],
        records=7, recording_ns=2 * MS,
    )  # fmt: skip
    forked = process(2, spans=[span("user's", 0, 50)], records=3, recording_ns=1 * MS)
    assert overhead(trace_of([booted, forked])) == Overhead(10, 4 * MS, 8 * MS)


def test_boot_is_averaged_over_those_that_booted() -> None:
    """A forked process does not boot, and does not lower the mean."""
    processes = [process(pid, spans=[span("boot", 0, ms, "tracer")]) for pid, ms in ((1, 2), (2, 4))]
    assert overhead(trace_of([*processes, process(3)])).boot_ns_per_process == 3 * MS


def test_nothing_recorded_costs_nothing() -> None:
    """A trace without processes has no overhead."""
    assert overhead(trace_of([])) == Overhead(0, 0, 0)
