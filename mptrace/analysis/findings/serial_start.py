"""Children are started one after another, each only when the one before it is ready.

What it detects:
    Three or more children of one parent, each of which is started when the one before it has just become ready and
    lives on, while half of the CPU time or more is left unused.

Why it costs:
    Start-ups that could go on at the same time add up. With free CPUs, four children of one second each take four
    seconds instead of one.

Remedy:
    Start all of them, and wait for them afterwards.

        # before
        for connection, process in zip(connections, processes):
            process.start()
            connection.recv()  # until it says that it is ready

        # after
        for process in processes:
            process.start()
        for connection in connections:
            connection.recv()

    Frameworks have options for it: TORCH_MP_PARALLEL_START=1 with start method forkserver starts the workers of a
    torch DataLoader in parallel.

When it is not reported:
    Where less than 100 ms would be gained. Where start() itself waited for the child to read what is sent to it: that
    is large-payload. Where the CPUs were busy with it anyway, or there is only one.

Source:
    https://github.com/pytorch/pytorch/blob/main/torch/multiprocessing/spawn.py
    In 9 of 87 threads of people whose processes start slowly, a framework started them one by one.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from mptrace.analysis.facts import Facts, Taken
from mptrace.analysis.findings.model import Finding, Prediction
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, percent

RULE = "serial-start"
LEAST_COUNT = 3  # two may be a coincidence
MOST_OVERLAP = 0.2  # of a start-up, with the one before it
MOST_PAUSE = 0.2  # of a start-up, between ready and the next start: or the parent was at something else
LEAST_IDLE = 0.5  # or nothing would be gained
MOST_SENDING = 0.5  # of a start-up: or it is the payload that start() waits for
LEAST_NS = 100_000_000  # what a person notices


def find(facts: Facts) -> Iterator[Finding]:
    """Report each row of children."""
    if facts.cpus < 2:
        return
    for ways in facts.siblings.values():
        for row in _rows(facts, sorted(ways, key=lambda way: way.begin_ns)):
            times_ns = [way.time_to_ready_ns or 0 for way in row]
            # All at once they take as long as the longest, or as long as the CPUs have work: waiting goes on beside it.
            least_ns = max(*times_ns, round(_used_ns(row) / facts.cpus))
            gain_ns = sum(times_ns) - least_ns
            if len(row) >= LEAST_COUNT and gain_ns >= LEAST_NS and _idle(facts, row) >= LEAST_IDLE:
                yield _finding(facts, row, gain_ns)


def _rows(facts: Facts, ways: Sequence[StartUp]) -> Iterator[list[StartUp]]:
    """Yield rows of children, each of which was waited for before the next was started."""
    row = list(ways[:1])
    for before, after in pairwise(ways):
        if not _is_waited_for(facts, before, after):
            yield row
            row = []
        row.append(after)
    yield row


def _is_waited_for(facts: Facts, before: StartUp, after: StartUp) -> bool:
    if before.ready_ns is None or after.time_to_ready_ns is None:
        return False
    time_ns = max(1, before.time_to_ready_ns or 0)
    sending_ns = sum(phase.end_ns - phase.begin_ns for phase in facts.phases(before, "send"))
    return (
        before.process.last_ns > after.begin_ns
        and before.ready_ns - after.begin_ns <= MOST_OVERLAP * after.time_to_ready_ns
        and after.begin_ns - before.ready_ns <= MOST_PAUSE * time_ns
        and sending_ns <= MOST_SENDING * time_ns
    )


def _used_ns(row: Sequence[StartUp]) -> int:
    return sum(phase.cpu_ns for way in row for phase in way.phases)


def _idle(facts: Facts, row: Sequence[StartUp]) -> float:
    """Return which share of the CPU time there was nobody on the way to ready used."""
    return 1 - _used_ns(row) / max(1, facts.cpus * sum(way.time_to_ready_ns or 0 for way in row))


def _finding(facts: Facts, row: Sequence[StartUp], gain_ns: int) -> Finding:
    last_ns = row[-1].ready_ns or 0
    needed, *taken = [Taken(way.process.pid, way.begin_ns, way.ready_ns or way.begin_ns) for way in row]
    return Finding(
        rule=RULE,
        title=f"{counted(len(row), 'child', 'children')} were started one after another, each when the last was ready",
        severity="warning",
        cost_ns=gain_ns,
        pids=[way.process.pid for way in row],
        where=facts.places(row),
        evidence=[
            f"from the first start() to the last ready: {duration(last_ns - row[0].begin_ns)}",
            f"a child took {duration(sum(way.time_to_ready_ns or 0 for way in row) // len(row))} on average",
            f"CPU time left unused meanwhile: {percent(_idle(facts, row))} of {facts.cpus:.3g} CPUs",
        ],
        remedy=(
            "Start all children before waiting for the first:\n"
            "    for process in processes:\n        process.start()\n"
            "    for connection in connections:\n        connection.recv()"
        ),
        taken=taken,
        needed=[needed],
        predicted=Prediction(gain_ns, f"all of them started at once, on {facts.cpus:.3g} CPUs"),
    )
