"""What a process had used at moments of its life becomes counters, and its page faults."""

from mptrace.trace.merge import load
from mptrace.trace.model import Counter, Faults
from tests.journals import MS, UNKNOWN, RunFolder, used


def test_process_is_counted_as_it_begins_is_ready_and_ends(run: RunFolder) -> None:
    """Three moments, two counters each; the last page faults are the process's."""
    journal = run.process(100, begin=1, used=used(cpu=10, waited=2, minor=900))
    journal.ready(5, used=used(cpu=14, waited=3, minor=1200, major=1)).ends(9, used=used(20, 3, 1500, 2))
    process = load([run.write()]).processes[0]
    assert process.counters == [
        Counter("page faults", 0, {"minor": 900, "major": 0}),
        Counter("cpu", 0, {"on_cpu_ns": 10 * MS, "runqueue_ns": 2 * MS}),
        Counter("page faults", 4 * MS, {"minor": 1200, "major": 1}),
        Counter("cpu", 4 * MS, {"on_cpu_ns": 14 * MS, "runqueue_ns": 3 * MS}),
        Counter("page faults", 8 * MS, {"minor": 1500, "major": 2}),
        Counter("cpu", 8 * MS, {"on_cpu_ns": 20 * MS, "runqueue_ns": 3 * MS}),
    ]
    assert process.faults == Faults(1500, 2)


def test_what_nobody_counted_is_not_known(run: RunFolder) -> None:
    """Without the kernel's word there is no counter, and there are no page faults."""
    run.process(100).ready(5).ends(9)
    process = load([run.write()]).processes[0]
    assert (process.counters, process.faults) == ([], None)


def test_time_waited_for_a_cpu_may_not_be_known(run: RunFolder) -> None:
    """A kernel without schedstat leaves out that value alone."""
    run.process(100).ends(9, used={**used(20, 0, 1500), "run_queue_ns": None})
    counters = load([run.write()]).processes[0].counters
    assert counters == [
        Counter("page faults", 9 * MS, {"minor": 1500, "major": 0}), Counter("cpu", 9 * MS, {"on_cpu_ns": 20 * MS}),
    ]  # fmt: skip


def test_killed_process_has_what_was_counted_last(run: RunFolder) -> None:
    """Page faults are those of the last moment that was told."""
    run.process(100, used=used(10, 2, 900)).ready(5, used=used(14, 3, 1200))
    assert load([run.write()]).processes[0].faults == Faults(1200, 0)


def test_garbage_collections_are_summed_up_at_the_end(run: RunFolder) -> None:
    """Where somebody counted; their number and their time."""
    run.process(100).ends(9, used=used(20, 3, 1500), collections=40, collecting=2.5)
    counters = {counter.name: counter for counter in load([run.write()]).processes[0].counters}
    assert counters["garbage collections"] == Counter(
        "garbage collections", 9 * MS, {"count": 40, "time_ns": 2_500_000}
    )


def test_journal_from_before_there_were_counts_is_read(run: RunFolder) -> None:
    """Records that end before the fields added since are whole, without a warning."""
    journal = run.process(100, used={**UNKNOWN, "on_cpu_ns": 0, "run_queue_ns": 0}).ready(5, "P").ends(9, 3)
    journal.lines[:] = [line.replace(b",null", b"").replace(b",[]", b"") for line in journal.lines]
    assert b"null" not in b"".join(journal.lines)
    trace = load([run.write()])
    assert trace.warnings == []
    process = trace.processes[0]
    assert (process.ready_ns, process.end.status, process.faults) == (5 * MS, 3, None)
