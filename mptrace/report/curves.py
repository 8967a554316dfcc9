"""What all processes together used at each time: CPUs and memory.

Offline. Samples are of one process and come when they come. CPU time is spread evenly between two samples of a
process; memory is as last sampled, until the process's last sign of life.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from mptrace.report.words import ms
from mptrace.trace.model import Process

# As many as a screen has columns to show them in.
STEPS = 600
MEMORY = ("rss", "anonymous", "private")
CPU = {"on_cpu_ns": "on a CPU", "runqueue_ns": "waiting for a CPU"}


def curves(processes: Iterable[Process], wall_ns: int) -> dict[str, Any]:
    """Return for each of STEPS equal steps of the run the CPUs in use and waited for, and the memory in megabytes.

    What was never sampled has no curve.
    """
    known = list(processes)
    cpu = {name: _cpu(known, field, wall_ns) for field, name in CPU.items()}
    memory = {field: _memory(known, field, wall_ns) for field in MEMORY}
    return {
        "step": ms(wall_ns) / STEPS,
        "cpu": {name: steps for name, steps in cpu.items() if any(steps)},
        "memory": {name: steps for name, steps in memory.items() if any(steps)},
    }


def _cpu(processes: Sequence[Process], field: str, wall_ns: int) -> list[float]:
    steps = [0.0] * STEPS
    step_ns = max(1.0, wall_ns / STEPS)
    for process in processes:
        for begin_ns, end_ns, used_ns in _used(process, field):
            first, last = begin_ns / step_ns, max(end_ns, begin_ns + 1) / step_ns
            for number in range(int(first), min(STEPS, int(last) + 1)):
                part = min(last, number + 1) - max(first, number)
                steps[number] += used_ns * part / (last - first) / step_ns
    return [round(value, 2) for value in steps]


def _used(process: Process, field: str) -> Iterator[tuple[int, int, float]]:
    """Yield what was used between two samples. They come from two clocks of the kernel's: none counts backwards."""
    samples = sorted((counter.at_ns, counter.values[field]) for counter in process.counters if field in counter.values)
    reached = samples[0][1] if samples else 0
    for (begin_ns, _), (end_ns, value) in pairwise(samples):
        if value > reached:
            yield begin_ns, end_ns, value - reached
            reached = value


def _memory(processes: Sequence[Process], field: str, wall_ns: int) -> list[float]:
    changes = [0.0] * (STEPS + 1)
    step_ns = max(1.0, wall_ns / STEPS)
    for process in processes:
        had = 0.0
        for counter in process.counters:
            if counter.name == "memory" and field in counter.values:
                changes[min(STEPS, int(counter.at_ns / step_ns))] += counter.values[field] - had
                had = counter.values[field]
        changes[min(STEPS, int(process.last_ns / step_ns) + 1)] -= had
    total, steps = 0.0, []
    for change in changes[:STEPS]:
        total += change
        steps.append(round(total / 1e6, 1))
    return steps
