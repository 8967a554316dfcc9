"""More children starting than there are CPUs."""

from pathlib import Path

from mptrace.analysis.facts import Place
from mptrace.analysis.findings.model import Finding, Prediction
from tests.findings.children import CALL, spawned
from tests.findings.fixtures import findings
from tests.journals import MS, Journal, RunFolder


def crowd(
    tmp_path: Path, count: int, *, cpus: int = 2, cpu: float = 50, queue: float | None = 140, every: float = 1
) -> RunFolder:
    """Tell of children whose main module takes 200 ms, so much of it on a CPU and so much waiting for one."""
    run = RunFolder(tmp_path, {"schema": 1, "argv": ["python", "app.py"], "cpus": cpus})
    parent = run.process(100)
    for number in range(count):
        begin = 10 + every * number
        child = spawned(run, parent, 101 + number, begin)
        waited = None if queue is None else round(queue * MS)
        child.phase("main-module", begin + 20, begin + 220, cpu=cpu, run_queue_ns=waited).ready(begin + 220)
    parent.ends(5000)
    return run


def test_children_wait_for_each_other(tmp_path: Path) -> None:
    """Six on two CPUs, which they keep busy."""
    assert findings(crowd(tmp_path, 6), "oversubscribed-start") == [
        Finding(
            rule="oversubscribed-start",
            title="6 processes were starting at a time on 2 CPUs",
            severity="warning",
            cost_ns=840 * MS,
            pids=[101, 102, 103, 104, 105, 106],
            where=[Place(*CALL)],
            evidence=[
                "waiting for a CPU took 64% of their start-up, and is in the times of other findings too",
                "the one that waited most: 64%",
                "CPU time they got of what there was for them in 225.0 ms: 91%",
            ],
            remedy=(
                "Start no more than there are CPUs for, or import once for all of them in a fork server:\n"
                "    multiprocessing.Pool(len(os.sched_getaffinity(0)))"
            ),
            predicted=Prediction(840 * MS, "a CPU for each of them"),
        )
    ]


def test_others_that_use_the_cpus_are_no_fault_of_the_run(tmp_path: Path) -> None:
    """A note says that, and that it is not sure."""
    [finding] = findings(crowd(tmp_path, 3, cpu=20), "oversubscribed-start")
    assert finding.severity == "note"
    assert finding.title == "3 processes were starting at a time on 2 CPUs, which others used too"
    assert finding.evidence[-1] == "CPU time they got of what there was for them in 222.0 ms: 26%"
    assert finding.predicted is None


def test_others_that_use_all_cpus_are_no_crowd(tmp_path: Path) -> None:
    """On a busy machine everything waits, however few children start."""
    assert findings(crowd(tmp_path, 3, cpu=15), "oversubscribed-start") == []


def test_enough_cpus_are_no_crowd(tmp_path: Path) -> None:
    """However long they waited: for others, then."""
    assert findings(crowd(tmp_path, 2), "oversubscribed-start") == []


def test_one_after_another_is_no_crowd(tmp_path: Path) -> None:
    """Six, but never more than one at a time."""
    assert findings(crowd(tmp_path, 6, every=230), "oversubscribed-start") == []


def test_short_waits_are_usual(tmp_path: Path) -> None:
    """Below 40 %."""
    assert findings(crowd(tmp_path, 6, queue=80), "oversubscribed-start") == []


def test_unknown_waits_are_not_guessed(tmp_path: Path) -> None:
    """Not every kernel counts them: the interpreter's few milliseconds are all that is known here."""
    assert findings(crowd(tmp_path, 6, queue=None), "oversubscribed-start") == []


def test_few_are_measured_by_what_they_could_have_used(tmp_path: Path) -> None:
    """One that starts long before the others needs one CPU at most: nobody else took the other one then."""
    run = RunFolder(tmp_path, {"schema": 1, "argv": ["python", "app.py"], "cpus": 2})
    parent = run.process(100)
    for pid, begin, end, cpu, queue in (
        (101, 10, 1010, 980, 0),
        (102, 600, 1800, 440, 740),
        (103, 601, 1800, 440, 740),
    ):
        child = spawned(run, parent, pid, begin)
        child.phase("main-module", begin + 20, end, cpu=cpu, run_queue_ns=queue * MS).ready(end)
    assert [finding.severity for finding in findings(run, "oversubscribed-start")] == ["warning"]


def test_servers_of_the_library_are_not_counted(tmp_path: Path) -> None:
    """Nobody can start fewer resource trackers."""
    run = crowd(tmp_path, 2)
    tracker = run.process(
        90, ppid=100, begin=10, argv=("python", "-c", "from multiprocessing.resource_tracker import main")
    )
    tracker.phase("interpreter", 10, 230, cpu=50, run_queue_ns=140 * MS)
    assert findings(run, "oversubscribed-start") == []


def test_remedy_is_for_those_that_start(tmp_path: Path) -> None:
    """An executor has another name than a pool, and what is forked imports nothing."""
    run = RunFolder(tmp_path, {"schema": 1, "argv": ["python", "app.py"], "cpus": 2})
    parent = run.process(100)
    target = "concurrent.futures.process:_process_worker"
    for number in range(6):
        child = spawned(run, parent, 101 + number, 10 + number, target=target, method="forkserver")
        child.phase("main-module", 30 + number, 230 + number, cpu=50, run_queue_ns=140 * MS).ready(230 + number)
    [finding] = findings(run, "oversubscribed-start")
    assert finding.remedy.splitlines() == [
        "Start no more than there are CPUs for:",
        "    ProcessPoolExecutor(len(os.sched_getaffinity(0)))",
    ]


def throttled(journal: Journal, at: float, number: int) -> None:
    """Sample the throttling of the run's cgroup."""
    journal.counter("throttling", at, periods=number, throttled=number, throttled_ns=number * MS)


def test_quota_is_another_rule(tmp_path: Path) -> None:
    """The kernel counts throttled time as waiting, too."""
    run = crowd(tmp_path, 6)
    throttled(run.journals[1], 15, 3)
    throttled(run.journals[1], 200, 9)
    assert findings(run, "oversubscribed-start") == []
