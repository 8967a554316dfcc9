"""Children that are forked, told in a line.

Serves the tests of the rules.
"""

from typing import Any

from tests.journals import MS, Journal, RunFolder

CALL = ("/src/app.py", 50)
FACTS = {"python_threads": 1, "threads": 1, "resident_bytes": 20 << 20, "page_table_bytes": 100 << 10}


def forked(
    run: RunFolder,
    parent: Journal,
    pid: int,
    begin: float,
    *,
    wall: float = 1,
    cpu: float | None = None,
    start: dict[str, Any] | None = None,
    **facts: Any,
) -> Journal:
    """Start a child at *begin*, as line 50 of the script does, by a fork that takes *wall* and *cpu* milliseconds.

    *start* and *facts* are what else the call of start() and the fork say. The child is ready 3 ms after the fork.
    """
    values: dict[str, Any] = {"child_pid": pid, "method": "fork", "where": CALL, "end": begin + wall + 2} | (
        start or {}
    )
    parent.starts(f"Process-{pid}", begin, **values)
    args = {"file": CALL[0], "line": CALL[1], **FACTS, **facts}
    parent.phase("fork", begin + 1, begin + 1 + wall, cpu=wall if cpu is None else cpu, args=args)
    child = run.process(pid, ppid=parent.tid, origin="fork", begin=begin + 1 + wall, forked=begin + 1)
    child.phase("after-fork-hooks", begin + 1 + wall, begin + 2 + wall, run_queue_ns=0)
    return child.phase("bootstrap", begin + 2 + wall, begin + 4 + wall, run_queue_ns=0).ready(begin + 4 + wall)


def os_forked(run: RunFolder, parent: Journal, pid: int, begin: float, **facts: Any) -> Journal:
    """Fork by os.fork() at *begin*, for one millisecond, in line 50 of the script."""
    args = {"file": CALL[0], "line": CALL[1], **FACTS, **facts}
    parent.phase("fork", begin, begin + 1, cpu=1, args=args)
    return run.process(pid, ppid=parent.tid, origin="fork", begin=begin + 1, forked=begin)


def ns(ms: float) -> int:
    """Return milliseconds in nanoseconds."""
    return round(ms * MS)
