"""What the API costs the host: nanoseconds a call, with tracing off and on.

Beside the test suite: ``python tests/benchmarks/span_cost.py``, with any interpreter that can import mptrace. It prints
a table and judges nothing but the bars it prints; a shared machine is too noisy for a test. Each figure is the least
of many rounds, less that of an empty loop: what a machine does besides only ever adds. "write" is os.write() of such a
record alone, which is what on this machine nobody can save.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

import mptrace
from mptrace import counter, instant, span, traced

CALLS = 10_000
ROUNDS = 30
OFF_NS = 150
ON_NS = 2_500
RECORD = b'["x",12345,1234567890123,1234567890123,"user","load",{}]\n'

Loop = Callable[[range], None]


@dataclass(frozen=True)
class Case:
    """A loop around one use of the API, and the most that it may cost with tracing off and on."""

    name: str
    loop: Loop
    off_ns: int | None = None
    on_ns: int | None = None


def empty(calls: range) -> None:
    for _ in calls:
        pass


def one_span(calls: range) -> None:
    for _ in calls:
        with span("load"):
            pass


def span_by_module(calls: range) -> None:
    for _ in calls:
        with mptrace.span("load"):
            pass


def span_with_argument(calls: range) -> None:
    for _ in calls:
        with span("load", rows=3):
            pass


def span_announced(calls: range) -> None:
    for number in calls:
        with span(NAMES[number]):
            pass


def one_instant(calls: range) -> None:
    for _ in calls:
        instant("miss")


def one_counter(calls: range) -> None:
    for _ in calls:
        counter("queue", waiting=3)


@traced
def nothing() -> None:
    pass


def traced_call(calls: range) -> None:
    for _ in calls:
        nothing()


NAMES = [f"request {number}" for number in range(CALLS)]
CASES = (
    Case("span", one_span, OFF_NS, ON_NS),
    Case("mptrace.span", span_by_module, OFF_NS, ON_NS),
    Case("span, one argument", span_with_argument),
    Case("span, announced", span_announced),
    Case("instant", one_instant, OFF_NS),
    Case("counter", one_counter, OFF_NS),
    Case("traced function", traced_call),
)


def fastest_ns(loop: Loop) -> float:
    """Return what one turn of *loop* takes, in the fastest of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begin_ns = time.perf_counter_ns()
        loop(range(CALLS))
        rounds.append(time.perf_counter_ns() - begin_ns)
    return min(rounds) / CALLS


def write_ns(folder: str) -> float:
    """Return what os.write() of one record takes."""
    descriptor = os.open(f"{folder}/write", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def loop(calls: range) -> None:
        for _ in calls:
            os.write(descriptor, RECORD)

    try:
        return fastest_ns(loop) - fastest_ns(empty)
    finally:
        os.close(descriptor)


def measure() -> dict[str, float]:
    """Return what each case costs now."""
    empty_ns = fastest_ns(empty)
    return {case.name: fastest_ns(case.loop) - empty_ns for case in CASES}


def cell(cost_ns: float, bar_ns: int | None) -> str:
    """Return one figure beside its bar."""
    verdict = "" if bar_ns is None else "ok" if cost_ns < bar_ns else "OVER"
    return f"{cost_ns:8.0f} {bar_ns or '-':>6} {verdict:4}"


def main() -> None:
    """Print the table."""
    off = measure()
    with tempfile.TemporaryDirectory(prefix="mptrace-span-") as folder:
        mptrace.start(folder)
        on = measure()
        mptrace.stop()
        write = write_ns(folder)
    print(f"Python {sys.version.split()[0]}, ns a call, write {write:.0f}")
    print(f"{'':20} {'off':>8} {'bar':>6} {'':4}  {'on':>8} {'bar':>6}")
    for case in CASES:
        print(f"{case.name:20} {cell(off[case.name], case.off_ns)}  {cell(on[case.name], case.on_ns)}".rstrip())


if __name__ == "__main__":
    main()
