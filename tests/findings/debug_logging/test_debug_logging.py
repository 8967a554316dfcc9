"""multiprocessing's own logger, switched on."""

from pathlib import Path
from typing import Any

from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.findings.forked import forked, ns
from tests.journals import RunFolder


def logger(level: int, records: int, wall: float) -> dict[str, Any]:
    """Return what a process says of its logger."""
    return {"level": level, "handlers": ["StreamHandler"], "records": records, "wall_ns": ns(wall)}


def test_what_cost_nothing_is_a_note(tmp_path: Path) -> None:
    """The last word of each child counts, and the main process does not."""
    run = RunFolder(tmp_path)
    parent = run.process(100).instant("multiprocessing logger", 90, "logging", **logger(10, 50, 90))
    for pid in (101, 102):
        child = forked(run, parent, pid, 10)
        child.instant("multiprocessing logger", 15, "logging", **logger(10, 3, 0.25))
        child.instant("multiprocessing logger", 40, "logging", **logger(10, 10, 0.5))
    assert findings(run, "debug-logging") == [
        Finding(
            rule="debug-logging",
            title="multiprocessing logs at DEBUG, which took 1.0 ms",
            severity="note",
            cost_ns=ns(1),
            pids=[101, 102],
            where=[],
            evidence=["records: 20 in 2 of the processes that were started", "handlers: StreamHandler"],
            remedy="None is needed: it cost next to nothing",
        )
    ]


def test_what_cost_time_is_a_warning(tmp_path: Path) -> None:
    """A handler was slow."""
    run = RunFolder(tmp_path)
    forked(run, run.process(100), 101, 10).instant("multiprocessing logger", 90, "logging", **logger(20, 5, 60))
    [finding] = findings(run, "debug-logging")
    assert (finding.severity, finding.cost_ns) == ("warning", ns(60))
    assert finding.remedy == (
        "Raise the level of the logger:\n    multiprocessing.get_logger().setLevel(logging.WARNING)"
    )


def test_warnings_alone_are_no_matter(tmp_path: Path) -> None:
    """Nor is a logger without a level of its own."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    forked(run, parent, 101, 10).instant("multiprocessing logger", 90, "logging", **logger(30, 5, 60))
    forked(run, parent, 102, 10).instant("multiprocessing logger", 90, "logging", **logger(0, 5, 60))
    assert findings(run, "debug-logging") == []
