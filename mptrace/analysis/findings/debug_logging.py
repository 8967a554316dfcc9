"""multiprocessing's own logger is switched on in children.

What it detects:
    The logger of multiprocessing (get_logger(), log_to_stderr()) at level DEBUG or INFO in processes that were
    started, with what its records cost, as measured.

Why it costs:
    At these levels each child writes some ten records about its own start and end. That is well below a
    millisecond where it writes to a file or a terminal, so it is seldom the reason why a start is slow; to a slow
    handler it may be.

Remedy:
    Nothing, where it cost nothing. Else raise the level.

        # before
        multiprocessing.log_to_stderr(logging.DEBUG)

        # after
        multiprocessing.log_to_stderr(logging.WARNING)

When it is not reported:
    For the main process, and for loggers of the program's own. It is a note where the records of each process
    took less than ten milliseconds.

Source:
    https://docs.python.org/3/library/multiprocessing.html#logging
    Measured: a fork Pool(4) and one map() 8.2 to 10.5 ms without, 9.8 to 11.8 ms with DEBUG.
"""

from collections.abc import Iterator
from typing import Any

from mptrace.analysis.facts import Facts
from mptrace.analysis.findings.model import Finding
from mptrace.analysis.wording import duration
from mptrace.trace.model import Process

RULE = "debug-logging"
MOST_LEVEL = 20  # logging.INFO: from WARNING on multiprocessing says next to nothing
LEAST_NS = 10_000_000  # for each process; a start that is noticed takes longer
LEVELS = {10: "DEBUG", 20: "INFO"}


def find(facts: Facts) -> Iterator[Finding]:
    """Report all children together: they have the level of their parent."""
    known = [(way.process, logger) for way in facts.started if (logger := _logger(way.process))]
    logging = [(process, logger) for process, logger in known if 0 < logger["level"] <= MOST_LEVEL]
    if not logging:
        return
    cost_ns = sum(logger["wall_ns"] for _, logger in logging)
    records = sum(logger["records"] for _, logger in logging)
    levels = dict.fromkeys(LEVELS.get(logger["level"], str(logger["level"])) for _, logger in logging)
    handlers = dict.fromkeys(str(name) for _, logger in logging for name in logger["handlers"])
    is_slow = cost_ns >= LEAST_NS * len(logging)
    yield Finding(
        rule=RULE,
        title=f"multiprocessing logs at {', '.join(levels)}, which took {duration(cost_ns)}",
        severity="warning" if is_slow else "note",
        cost_ns=cost_ns,
        pids=[process.pid for process, _ in logging],
        where=[],
        evidence=[
            f"records: {records:,} in {len(logging):,} of the processes that were started",
            f"handlers: {', '.join(handlers) or 'none'}",
        ],
        remedy="Raise the level of the logger:\n    multiprocessing.get_logger().setLevel(logging.WARNING)"
        if is_slow
        else "None is needed: it cost next to nothing",
    )


def _logger(process: Process) -> dict[str, Any] | None:
    """Return what the process last said of its logger."""
    for instant in reversed(process.instants):
        if instant.category == "logging" and instant.name == "multiprocessing logger":
            counts = {name: instant.args.get(name) for name in ("level", "records", "wall_ns")}
            handlers = instant.args.get("handlers")
            if all(isinstance(count, int) for count in counts.values()):
                return {**counts, "handlers": handlers if isinstance(handlers, list) else []}
    return None
