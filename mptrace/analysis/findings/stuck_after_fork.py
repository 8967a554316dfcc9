"""A forked child waits for a lock that nobody will ever release.

What it detects:
    A child made by a fork whose last act was to wait for a lock: for five seconds or more, or until somebody
    killed it.

Why it costs:
    Only the thread that forks lives on in a child. A lock that another thread of the parent held at that moment
    is locked in the child, and its holder does not exist there. The child never goes on, and whoever waits for
    it (join(), a pool) does not either.

Remedy:
    Do not fork a process that has threads.

        # before
        pool = multiprocessing.Pool(4)

        # after
        pool = multiprocessing.get_context("forkserver").Pool(4)

When it is not reported:
    For a wait that came to its end, however long it was. For a child that was killed within half a second of
    waiting: a pool that is terminated kills its workers wherever they are. For locks other than those that are
    watched, which are logging's.

Source:
    https://github.com/python/cpython/issues/50970
    Measured: 71 of 150 children of a program that logs in a thread stopped, all of them in flush().
"""

from collections.abc import Iterator

from mptrace.analysis.facts import Facts, Place, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.findings.wording import duration
from mptrace.trace.model import Process, Span

RULE = "stuck-after-fork"
LEAST_NS = 5_000_000_000  # nobody holds a lock of logging that long: the slowest disk is quicker
LEAST_KILLED_NS = 500_000_000  # a pool that is terminated catches its workers in waits of milliseconds
FORKED = ("fork", "forkserver")


def find(facts: Facts) -> Iterator[Finding]:
    """Report each such child."""
    for way in facts.started:
        process = way.process
        if process.start_method not in FORKED or process.end.how == "exited":
            continue
        wait = max(_open_waits(process), key=lambda wait: wait[1].end_ns - wait[1].begin_ns, default=None)
        if wait is None or not _is_stuck(process, wait[1]):
            continue
        span, taken = wait
        lock = str(span.args.get("lock", span.name))
        place = _place(span)
        yield Finding(
            rule=RULE,
            title=f"{process.name} is stuck: it waits for {lock}",
            severity="error",
            cost_ns=total_ns([taken]),
            pids=[process.pid],
            where=[*([place] if place else []), *facts.places([way])],
            evidence=[
                f"waited until its end: {duration(taken.end_ns - taken.begin_ns)}",
                *_holder(span, process),
                *([f"then it was killed by signal {process.end.signal}"] if process.end.signal else []),
            ],
            remedy="Start processes before threads, or do not fork:\n"
            '    multiprocessing.set_start_method("forkserver")',
            taken=[taken],
        )


def _open_waits(process: Process) -> list[tuple[Span, Taken]]:
    """Return the waits that never ended, each as long as the process is known to have lived."""
    until_ns = max(process.last_ns, process.end.at_ns or 0)
    return [
        (span, Taken(process.pid, span.begin_ns, max(span.begin_ns, until_ns)))
        for span in process.spans
        if span.category == "lock" and span.end_ns is None
    ]


def _is_stuck(process: Process, taken: Taken) -> bool:
    least_ns = LEAST_KILLED_NS if process.end.how == "signaled" else LEAST_NS
    return taken.end_ns - taken.begin_ns >= least_ns


def _holder(span: Span, process: Process) -> list[str]:
    tid = span.args.get("holder") or 0
    name = str(span.args.get("holder_name") or process.threads.get(tid, "") or (f"thread {tid}" if tid else ""))
    return [f"held by {name}"] if name else []


def _place(span: Span) -> Place | None:
    """Return where the lock had been taken, if that was recorded."""
    file, _, line = str(span.args.get("where") or "").rpartition(":")
    return Place(file, int(line)) if file and line.isdecimal() else None
