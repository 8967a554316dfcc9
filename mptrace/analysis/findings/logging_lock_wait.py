"""Threads waited for one another in order to log.

What it detects:
    Waits of ten milliseconds or more for one of logging's locks: that of a handler, which is held while a
    record is written, or that of the module, which each fork takes.

Why it costs:
    A handler writes one record at a time. If it writes to something slow (a network, a full pipe, a terminal),
    every other thread that logs waits for it, and so does a fork: no child can be made before the record is
    written.

Remedy:
    Let a thread of its own do the writing.

        # before
        logging.basicConfig(handlers=[SlowHandler()])

        # after
        records = queue.SimpleQueue()
        logging.basicConfig(handlers=[logging.handlers.QueueHandler(records)])
        logging.handlers.QueueListener(records, SlowHandler()).start()

When it is not reported:
    For shorter waits. For a thread that waits until another one has imported a module. For a forked child that
    waited to its end, which is stuck-after-fork.

Source:
    https://docs.python.org/3/howto/logging-cookbook.html#dealing-with-handlers-that-block
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Place, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.wording import duration
from mptrace.trace.model import Process, Span
from mptrace.trace.nesting import interval

RULE = "logging-lock-wait"
LEAST_NS = 10_000_000  # two time slices of the scheduler: what only waited for a CPU is shorter
IMPORT_LOCK = "import lock "  # the other locks that are recorded; these are held while a module runs, not a handler
FORKED = ("fork", "forkserver")
REMEDY = (
    "Give the slow handler a thread of its own, and let the others only queue what they log:\n"
    "    handler = logging.handlers.QueueHandler(queue)\n"
    "    logging.handlers.QueueListener(queue, slow_handler).start()"
)

Wait = tuple[Process, Span, Taken]


def find(facts: Facts) -> Iterator[Finding]:
    """Report the waits for each lock together."""
    groups: dict[str, list[Wait]] = defaultdict(list)
    for process in facts.trace.processes:
        for span in process.spans:
            if _is_for_logging(span) and not _is_stuck(process, span):
                taken = Taken(process.pid, *interval(span, process))
                if taken.end_ns - taken.begin_ns >= LEAST_NS:
                    groups[str(span.args.get("lock", span.name))].append((process, span, taken))
    for lock, waits in groups.items():
        taken_all = [taken for _, _, taken in waits]
        yield Finding(
            rule=RULE,
            title=_title(len(waits), lock),
            severity="warning",
            cost_ns=total_ns(taken_all),
            pids=list(dict.fromkeys(process.pid for process, _, _ in waits)),
            where=_places(waits),
            evidence=_evidence(waits),
            remedy=REMEDY,
            taken=taken_all,
        )


def _title(count: int, lock: str) -> str:
    waited = "A thread waited once" if count == 1 else f"Threads waited {count:,} times"
    # A lock of a handler is recorded by the handler's name, which ends in what it writes to.
    thing = f"the logging handler {lock}" if lock.endswith(")") else f"the {lock}"
    return f"{waited} for another to be done with {thing}"


def _is_for_logging(span: Span) -> bool:
    return span.category == "lock" and not span.name.startswith(IMPORT_LOCK)


def _is_stuck(process: Process, span: Span) -> bool:
    return span.end_ns is None and process.start_method in FORKED


def _evidence(waits: Sequence[Wait]) -> list[str]:
    longest = max(taken.end_ns - taken.begin_ns for _, _, taken in waits)
    found = [f"longest wait: {duration(longest)}"]
    holders = dict.fromkeys(str(span.args["holder_name"]) for _, span, _ in waits if span.args.get("holder_name"))
    if holders:
        found.append(f"held by {', '.join(holders)}")
    forking = sum(_is_at_fork(process, span) for process, span, _ in waits)
    if forking:
        found.append(f"waits that held up a fork: {forking}")
    return found


def _is_at_fork(process: Process, span: Span) -> bool:
    return any(
        phase.name == "before-fork-hooks" and phase.tid == span.tid and phase.begin_ns <= span.begin_ns < phase.end_ns
        for phase in process.phases
    )


def _places(waits: Sequence[Wait]) -> list[Place]:
    """Return where the locks had been taken."""
    found: dict[Place, None] = {}
    for _, span, _ in waits:
        file, _, line = str(span.args.get("where") or "").rpartition(":")
        if file and line.isdecimal():
            found[Place(file, int(line))] = None
    return list(found)
