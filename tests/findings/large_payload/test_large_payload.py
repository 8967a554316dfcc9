"""Data that start() sends to a child that does not read yet."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding, Prediction
from tests.findings.children import CALL, spawned
from tests.findings.fixtures import findings
from tests.journals import MS, RunFolder

KIB = 1024


def sending(tmp_path: Path, size: int, sends: float, count: int = 2) -> RunFolder:
    """Tell of children that are sent *size* bytes, which takes so many milliseconds."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    for number in range(count):
        begin = 10 + 200 * number
        parent.phase("pickle", begin + 1, begin + 3, args={"bytes": size}).phase("exec", begin + 3, begin + 4)
        parent.phase("send", begin + 4, begin + 4 + sends)
        child = spawned(run, parent, 101 + number, begin, end=begin + 4 + sends)
        child.phase("unpickle", begin + 60, begin + 65).ready(begin + 70).ends(begin + 900)
    parent.ends(2000)
    return run


def test_start_waits_for_the_child_to_read(tmp_path: Path) -> None:
    """Each call, until the interpreter of its child is up."""
    assert findings(sending(tmp_path, 256 * KIB, 50), "large-payload") == [
        Finding(
            rule="large-payload",
            title="start() waited while 256.0 KiB were sent to each of 2 children",
            severity="warning",
            cost_ns=104 * MS,
            pids=[101, 102],
            where=[Place(*CALL)],
            evidence=[
                "what was pickled for app:work: up to 256.0 KiB a child; a pipe holds 64 KiB",
                "start() sent for 50.0 ms in each call on average",
                "to unpickle it took 5.0 ms in each child on average",
            ],
            remedy=(
                "Send a path, or the name of a block of shared memory, and load the data in the child:\n"
                '    Process(target=work, args=("table.npy",)).start()'
            ),
            taken=[
                Taken(101, 11 * MS, 13 * MS),
                Taken(101, 14 * MS, 64 * MS),
                Taken(102, 211 * MS, 213 * MS),
                Taken(102, 214 * MS, 264 * MS),
            ],
            predicted=Prediction(100 * MS, "payloads that a pipe can hold"),
        )
    ]


def test_one_child_is_enough(tmp_path: Path) -> None:
    """The caller of start() waits all the same."""
    assert len(findings(sending(tmp_path, 64 * KIB, 20, count=1), "large-payload")) == 1


def test_small_payload_is_not_what_start_waits_for(tmp_path: Path) -> None:
    """The pipe takes it at once; if that took long, the machine was busy."""
    assert findings(sending(tmp_path, 64 * KIB - 1, 50), "large-payload") == []


def test_short_wait_is_none(tmp_path: Path) -> None:
    """The child was quick to read."""
    assert findings(sending(tmp_path, 1024 * KIB, 19), "large-payload") == []
