"""What one process says of itself: when it was ready, and when its first task came."""

from mptrace.trace.merge import load
from mptrace.trace.model import Process
from tests.journals import MS, Journal, RunFolder


def worker(run: RunFolder) -> Journal:
    """Begin the journal of a pool's worker that is about to run at 5 ms."""
    return run.process(100).ready(5, "PoolWorker-1")


def loaded(run: RunFolder) -> Process:
    """Return the run's only process."""
    return load([run.write()]).processes[0]


def test_worker_is_ready_when_its_initializer_is_done(run: RunFolder) -> None:
    """It was about to run earlier, and says its name then."""
    worker(run).span("initializer", 5, 9, "pool").ready(9, "PoolWorker-1", "initializer")
    process = loaded(run)
    assert (process.ready_ns, process.name, process.first_task_ns) == (9 * MS, "PoolWorker-1", None)


def test_process_without_an_initializer_is_ready_when_it_runs(run: RunFolder) -> None:
    """Whatever spans of the host's own have that name."""
    worker(run).span("initializer", 6, None)
    assert loaded(run).ready_ns == 5 * MS


def test_worker_whose_initializer_was_never_done_never_was_ready(run: RunFolder) -> None:
    """It may have been killed in it, or it failed."""
    worker(run).span("initializer", 5, None, "pool")
    assert loaded(run).ready_ns is None


def test_what_a_worker_says_itself_counts_most(run: RunFolder) -> None:
    """mptrace.ready() is believed, before and after the initializer was done."""
    worker(run).ready(7, cause="api").ready(9, cause="initializer").ready(11, cause="api")
    assert loaded(run).ready_ns == 7 * MS


def test_first_task_is_the_one_that_was_received_first(run: RunFolder) -> None:
    """It counts from when it was received, finished or not."""
    worker(run).ready(9, cause="initializer").span("first task", 12, None, "pool")
    assert loaded(run).first_task_ns == 12 * MS
