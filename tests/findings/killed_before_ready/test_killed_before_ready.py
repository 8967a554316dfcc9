"""Children that are killed or fail while they start, and are started again."""

import time
from pathlib import Path
from signal import SIGKILL, SIGSEGV, SIGTERM

from mptrace.analysis.facts import Facts, Place, Taken
from mptrace.analysis.findings import killed_before_ready
from mptrace.analysis.findings.model import Finding
from mptrace.trace.merge import load
from tests.findings.children import CALL, spawned
from tests.findings.fixtures import findings
from tests.findings.forked import os_forked
from tests.journals import MS, RunFolder


def killed(tmp_path: Path, count: int, *, age: float = 200, signal: int = SIGKILL, again: bool = True) -> RunFolder:
    """Tell of children killed at *age*, one after another; *again*: after them there is one that is not."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    begin = 10.0
    for number in range(count):
        spawned(run, parent, 101 + number, begin, name=f"Worker-{number}")
        parent.child_ended(begin + age, 101 + number, -signal)
        begin += age + 10 if again else 0
    if again:
        spawned(run, parent, 101 + count, begin).ready(begin + 100).ends(begin + 200)
    parent.ends(begin + 1000)
    return run


def test_children_that_never_make_it_in_time(tmp_path: Path) -> None:
    """Killed, and started again, twice."""
    assert findings(killed(tmp_path, 2), "killed-before-ready") == [
        Finding(
            rule="killed-before-ready",
            title="2 children were killed before they were ready, and started again",
            severity="error",
            cost_ns=400 * MS,
            pids=[101, 102],
            where=[Place(*CALL)],
            evidence=[
                "killed by SIGKILL after 200.0 ms to 200.0 ms",
                "started in their place, or beside them: 1 that were not killed",
            ],
            remedy="Find the time-out that ends them, make it longer than their start-up, and make that shorter.",
            taken=[Taken(101, 10 * MS, 210 * MS), Taken(102, 220 * MS, 420 * MS)],
        )
    ]


def test_common_time_out_is_recognized(tmp_path: Path) -> None:
    """Five seconds is uvicorn's."""
    [finding] = findings(killed(tmp_path, 2, age=5100, signal=SIGTERM), "killed-before-ready")
    assert finding.evidence[0] == "killed by SIGTERM after 5,100 ms to 5,100 ms"
    assert finding.evidence[2] == "all of them at an age near 5 s, which is a common time-out"


def test_one_may_be_an_accident(tmp_path: Path) -> None:
    """The second is a pattern."""
    assert findings(killed(tmp_path, 1), "killed-before-ready") == []


def test_end_of_a_pool_is_no_time_out(tmp_path: Path) -> None:
    """Workers that were not needed any more are terminated, and nobody starts them again."""
    assert findings(killed(tmp_path, 4, signal=SIGTERM, again=False), "killed-before-ready") == []


def test_crash_is_no_time_out(tmp_path: Path) -> None:
    """The child did it itself."""
    assert findings(killed(tmp_path, 3, signal=SIGSEGV), "killed-before-ready") == []


WORKER = "multiprocessing.pool:worker"


def pools(tmp_path: Path, *, replaced: bool) -> RunFolder:
    """Tell of workers terminated one after another: each by the end of its pool, or *replaced* by the same pool."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid, begin in ((101, 10), (102, 60), (103, 110)):
        spawned(run, parent, pid, begin, target=WORKER)
        if pid < 103:
            parent.child_ended(begin + 40, pid, -SIGTERM)
            if replaced:
                parent.instant("replace worker", begin + 55, "pool", pid=pid + 1, ended_pid=pid, returncode=-SIGTERM)
    parent.ends(1000)
    return run


def test_next_pool_does_not_start_the_workers_of_the_last_again(tmp_path: Path) -> None:
    """A pool that ends while its last workers start terminates them; the next one has its own."""
    assert findings(pools(tmp_path, replaced=False), "killed-before-ready") == []


def test_pool_that_goes_on_puts_others_in_their_places(tmp_path: Path) -> None:
    """Somebody else killed them."""
    [finding] = findings(pools(tmp_path, replaced=True), "killed-before-ready")
    assert finding.pids == [101, 102]


def test_many_children_are_looked_at_once_each(tmp_path: Path) -> None:
    """5,000 take 20 ms; it was two seconds when each was compared with all others."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for pid in range(1000, 6000):
        begin = 10 + 50 * (pid - 1000)
        spawned(run, parent, pid, begin, target=WORKER)
        parent.child_ended(begin + 40, pid, -SIGTERM)
        parent.instant("replace worker", begin + 45, "pool", pid=pid + 1, ended_pid=pid, returncode=-SIGTERM)
    parent.ends(300_000)
    facts = Facts(load([run.write()]))
    assert len(facts.workers) == 5000
    begin_s = time.process_time()
    [finding] = killed_before_ready.find(facts)
    assert time.process_time() - begin_s < 0.5
    assert len(finding.pids) == 5000


def failed(tmp_path: Path, count: int, *, calls_start: bool = False) -> RunFolder:
    """Tell of the workers of a pool, one after another, none of which gets through its start-up."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number in range(count):
        begin = 10 + 100 * number
        child = spawned(run, parent, 101 + number, begin, name=f"Worker-{number}")
        if calls_start:
            child.starts("Worker-1", begin + 50, None)
        child.ends(begin + 80)
        parent.child_ended(begin + 90, 101 + number, 1)
    parent.ends(5000)
    return run


def test_children_that_fail_each_time(tmp_path: Path) -> None:
    """A pool starts them again for ever: no other pool, and no longer time-out, would help."""
    run = failed(tmp_path, 11)
    assert findings(run, "killed-before-ready") == [
        Finding(
            rule="killed-before-ready",
            title="10 children failed before they were ready, and others were started in their place",
            severity="error",
            cost_ns=800 * MS,
            pids=list(range(101, 111)),
            where=[Place(*CALL)],
            evidence=["ended with exit status 1 after 80.0 ms to 80.0 ms"],
            remedy=(
                "Read their tracebacks on stderr, and repair what fails: the main module, which spawn and forkserver "
                "run again, what it imports, or the initializer of the pool."
            ),
            taken=[Taken(101 + n, (10 + 100 * n) * MS, (90 + 100 * n) * MS) for n in range(10)],
        )
    ]
    assert findings(run, "process-churn") == []


def test_missing_guard_is_reported_as_that(tmp_path: Path) -> None:
    """They fail because they call start(), which unguarded-main says better."""
    assert findings(failed(tmp_path, 3, calls_start=True), "killed-before-ready") == []


def test_forked_worker_is_not_still_starting(tmp_path: Path) -> None:
    """What os.fork() itself made does not say when it is ready: it may have worked for hours before it was killed."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number in range(3):
        os_forked(run, parent, 101 + number, 10 + 600 * number)
        parent.child_ended(590 + 600 * number, 101 + number, -SIGKILL)
    parent.ends(5000)
    assert findings(run, "killed-before-ready") == []
