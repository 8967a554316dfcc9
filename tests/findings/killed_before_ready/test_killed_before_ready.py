"""Children that are killed while they start, and started again."""

from pathlib import Path
from signal import SIGKILL, SIGSEGV, SIGTERM

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
from tests.findings.children import CALL, spawned
from tests.findings.fixtures import findings
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
