"""Much data is pickled into a child, and start() waits until the child reads it.

What it detects:
    64 KiB or more pickled for a child, and start() held up for 20 ms or more while it sent them.

Why it costs:
    A pipe holds 64 KiB. What is larger is only taken when the child reads, and it reads when its interpreter is up.
    Until then start() does not return, so that the next child is not even begun: start-ups come one after another.
    The data is pickled, copied and unpickled for each child besides.

Remedy:
    Send a name instead of the data: a path, or a block of shared memory.

        # before
        Process(target=work, args=(table,)).start()

        # after
        numpy.save("table.npy", table)
        Process(target=work, args=("table.npy",)).start()  # work() maps it: numpy.load(path, mmap_mode="r")

    A pool's initializer can load it. Mind what an object carries along: a bound method sends its whole object. Fewer
    workers do not help.

When it is not reported:
    For start method fork, which pickles nothing. For the tasks of a pool, which are sent after the start.

Source:
    https://github.com/python/cpython/issues/96953
    Measured: 4 children take 8 to 21 ms to start with 60 KiB each, 205 to 239 ms with 64 KiB.
"""

from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import Facts, Taken
from mptrace.analysis.findings.model import Finding, Prediction, total_ns
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, names, size

RULE = "large-payload"
LEAST_BYTES = 64 * 1024  # what a pipe holds
LEAST_NS = 20_000_000  # shorter is no interpreter's start that was waited for


def find(facts: Facts) -> Iterator[Finding]:
    """Report the children of one parent and start method together."""
    for ways in facts.siblings.values():
        large = [way for way in ways if _bytes(facts, way) >= LEAST_BYTES and _sent_ns(facts, way) >= LEAST_NS]
        if large:
            yield _finding(facts, large)


def _bytes(facts: Facts, way: StartUp) -> int:
    return max((int(phase.args.get("bytes") or 0) for phase in facts.phases(way, "pickle")), default=0)


def _sent_ns(facts: Facts, way: StartUp) -> int:
    return total_ns(facts.taken(way, "send"))


def _finding(facts: Facts, ways: Sequence[StartUp]) -> Finding:
    taken: list[Taken] = [time for way in ways for time in facts.taken(way, "pickle", "send")]
    sent_ns = sum(_sent_ns(facts, way) for way in ways)
    largest = max(_bytes(facts, way) for way in ways)
    unpickled_ns = sum(total_ns(facts.taken(way, "unpickle")) for way in ways)
    targets = list(dict.fromkeys(way.process.start.target for way in ways if way.process.start))
    return Finding(
        rule=RULE,
        title=f"start() waited while {size(largest)} were sent to each of {counted(len(ways), 'child', 'children')}",
        severity="warning",
        cost_ns=total_ns(taken),
        pids=[way.process.pid for way in ways],
        where=facts.places(ways),
        evidence=[
            f"what was pickled for {names(targets)}: up to {size(largest)} a child; a pipe holds 64 KiB",
            f"start() sent for {duration(sent_ns // len(ways))} in each call on average",
            f"to unpickle it took {duration(unpickled_ns // len(ways))} in each child on average",
        ],
        remedy=(
            "Send a path, or the name of a block of shared memory, and load the data in the child:\n"
            '    Process(target=work, args=("table.npy",)).start()'
        ),
        taken=taken,
        predicted=Prediction(sent_ns, "payloads that a pipe can hold"),
    )
