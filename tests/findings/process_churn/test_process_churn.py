"""Processes that are made again instead of being kept."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
from tests.findings.children import CALL, spawned
from tests.findings.fixtures import findings
from tests.findings.forked import forked, os_forked
from tests.journals import MS, RunFolder


def processes(tmp_path: Path, count: int, *, ready: float = 30, life: float = 80, every: float = 100) -> RunFolder:
    """Tell of children, one begun *every* so many milliseconds, that are ready after *ready* and live for *life*."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number in range(count):
        begin = 10 + every * number
        spawned(run, parent, 101 + number, begin).ready(begin + ready).ends(begin + life)
    parent.ends(5000)
    return run


def forks(tmp_path: Path, count: int) -> RunFolder:
    """Tell of forked children, each ready after 4.5 ms of 8, and gone before the next."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number in range(count):
        forked(run, parent, 101 + number, 10 + 10 * number, wall=0.5).ends(18 + 10 * number)
    parent.ends(5000)
    return run


def test_short_lives_one_after_another(tmp_path: Path) -> None:
    """One process could have done the work of all: the first start-up was needed, the others were not."""
    assert findings(processes(tmp_path, 10), "process-churn") == [
        Finding(
            rule="process-churn",
            title="10 short-lived processes were started one after another",
            severity="warning",
            cost_ns=270 * MS,
            pids=list(range(101, 111)),
            where=[Place(*CALL)],
            evidence=[
                "10 processes, at most 1 at a time",
                "a process lived for 80.0 ms and took 30.0 ms of that to start, on average",
                "share of their lives that went into starting: 38%",
            ],
            remedy=(
                "Make one pool before the loop, and give it all the work:\n"
                "    with multiprocessing.Pool() as pool:\n"
                "        for batch in batches:\n"
                "            pool.map(work, batch)"
            ),
            taken=[Taken(101 + n, (10 + 100 * n) * MS, (40 + 100 * n) * MS) for n in range(1, 10)],
            needed=[Taken(101, 10 * MS, 40 * MS)],
        )
    ]


def test_nine_may_be_what_was_needed(tmp_path: Path) -> None:
    """Ten are many."""
    assert findings(processes(tmp_path, 9), "process-churn") == []


def test_work_outweighs_the_start(tmp_path: Path) -> None:
    """Below 30 % of a life."""
    assert findings(processes(tmp_path, 10, ready=20, life=80), "process-churn") == []


def test_processes_at_the_same_time_could_not_be_kept(tmp_path: Path) -> None:
    """A pool of sixteen that has little to do is no churn."""
    assert findings(processes(tmp_path, 16, every=1), "process-churn") == []


def test_long_lives_are_worth_a_start(tmp_path: Path) -> None:
    """Two seconds are."""
    assert findings(processes(tmp_path, 10, ready=1900, life=2000, every=2100), "process-churn") == []


def test_cheap_starts_are_nothing(tmp_path: Path) -> None:
    """Ten forks of 4 ms are not worth a change."""
    assert findings(processes(tmp_path, 10, ready=4, life=10), "process-churn") == []


def test_many_cheap_starts_are_a_note(tmp_path: Path) -> None:
    """Twenty that could have been spared, for less time than a person notices: a habit all the same."""
    [finding] = findings(forks(tmp_path, 21), "process-churn")
    assert (finding.severity, finding.cost_ns) == ("note", 90 * MS)
    assert finding.title == "21 short-lived processes were started one after another"


def test_some_cheap_starts_are_nothing(tmp_path: Path) -> None:
    """Nineteen that could have been spared may be all there ever will be."""
    assert findings(forks(tmp_path, 20), "process-churn") == []


def test_work_of_a_forked_process_is_no_start(tmp_path: Path) -> None:
    """A forking server's children never say that they are ready, and yet serve a request each."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number in range(12):
        os_forked(run, parent, 101 + number, 10 + 100 * number).ends(90 + 100 * number)
    parent.ends(5000)
    assert findings(run, "process-churn") == []


def pools(tmp_path: Path, count: int, *, life: float = 900, workers: int = 2, ready: float = 61) -> RunFolder:
    """Tell of pools of two workers, one made each second, the last of which is larger if *workers* says so."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number in range(count):
        begin = 10 + 1000 * number
        size = workers if number == count - 1 else 2
        parent.span("create Pool", begin, begin + 10, "pool", kind="Pool", workers=size, start_method="spawn")
        for worker in range(2):
            pid = 101 + 2 * number + worker
            child = spawned(run, parent, pid, begin + worker, target="multiprocessing.pool:worker")
            child.ready(begin + ready, cause="initializer").ends(begin + life)
    parent.ends(20_000)
    return run


def test_pools_of_one_shape_one_after_another(tmp_path: Path) -> None:
    """The first was needed, the two others were not."""
    [finding] = findings(pools(tmp_path, 3), "process-churn")
    assert finding.title == "3 pools (Pool of 2) were made one after another"
    assert finding.cost_ns == 2 * (61 + 60) * MS
    assert [taken.pid for taken in finding.taken] == [103, 104, 105, 106]
    assert [needed.pid for needed in finding.needed] == [101, 102]
    assert finding.evidence[0] == "6 processes, at most 2 at a time"


def test_two_pools_may_have_their_reasons(tmp_path: Path) -> None:
    """Three are a habit."""
    assert findings(pools(tmp_path, 2), "process-churn") == []


def test_pools_side_by_side_are_not_each_others(tmp_path: Path) -> None:
    """Each has work of its own."""
    assert findings(pools(tmp_path, 3, life=4000), "process-churn") == []


def test_pools_of_different_shapes_are_not_each_others(tmp_path: Path) -> None:
    """Two of two workers and one of four."""
    assert findings(pools(tmp_path, 3, workers=4), "process-churn") == []


def test_many_cheap_pools_are_a_note(tmp_path: Path) -> None:
    """Twenty workers that the first pool could have kept."""
    [finding] = findings(pools(tmp_path, 11, ready=4), "process-churn")
    assert (finding.severity, finding.title) == ("note", "11 pools (Pool of 2) were made one after another")
    assert findings(pools(tmp_path / "fewer", 10, ready=4), "process-churn") == []


def test_pool_that_replaces_its_workers(tmp_path: Path) -> None:
    """There is one pool: none could be made before a loop."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    parent.span("create Pool", 5, 9, "pool", kind="Pool", workers=1, start_method="spawn", max_tasks=1)
    for number in range(10):
        begin = 10 + 100 * number
        child = spawned(run, parent, 101 + number, begin, target="multiprocessing.pool:worker")
        child.ready(begin + 30, cause="initializer").ends(begin + 80)
    parent.ends(5000)
    [finding] = findings(run, "process-churn")
    assert finding.evidence[-1] == "their pool replaces a worker after 1 task"
    assert finding.remedy == (
        "Let its workers live on: raise maxtasksperchild, or leave it out:\n"
        "    multiprocessing.Pool(maxtasksperchild=1000)"
    )
