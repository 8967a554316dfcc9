"""Children as multiprocessing makes them, told in a line.

Serves the tests of the rules.
"""

from typing import Any

from tests.journals import Journal, RunFolder

SPAWNED = ("python", "-c", "from multiprocessing.spawn import spawn_main", "--multiprocessing-fork")
CALL = ("/src/app.py", 50)


def spawned(run: RunFolder, parent: Journal, pid: int, begin: float, **start: Any) -> Journal:
    """Start a child at *begin*, as line 50 of the script does; its interpreter is up 20 ms later, with no phases yet.

    The call of start() lasts 5 ms, unless *start* says more of it.
    """
    values: dict[str, Any] = {"child_pid": pid, "where": CALL, "end": begin + 5} | start
    parent.starts(values.pop("name", f"Process-{pid}"), begin, **values)
    child = run.process(pid, ppid=parent.tid, begin=begin + 2, argv=SPAWNED)
    return child.phase("interpreter", begin + 2, begin + 20, cpu=18, run_queue_ns=0)
