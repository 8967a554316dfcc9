"""What the watched locks cost logging: nanoseconds a call, traced beside plain.

Beside the test suite: ``python tests/benchmarks/logging_cost.py [--pairs N]``, with the interpreter of an environment
that mptrace is installed in. Plain and traced processes alternate, so that both meet the same neighbours; each takes
the fastest of many rounds, since what a machine does besides only ever adds. The table has the least of all processes,
with their standard deviation beside it, and compares those. It judges nothing but the bar it prints.
"""

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

ROUNDS = 40
CALLS = 2_000
MORE_NS = 120
BARS = {"with lock": MORE_NS, "acquire, release": MORE_NS}

Loop = Callable[[], None]


class Nothing(logging.Handler):
    """A handler that takes its lock and does nothing with it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Do nothing."""


def with_lock() -> None:
    lock = logging._lock  # type: ignore[attr-defined]
    for _ in range(CALLS):
        with lock:
            pass


def acquire_and_release() -> None:
    lock = logging._lock  # type: ignore[attr-defined]
    for _ in range(CALLS):
        lock.acquire()
        lock.release()


def warning_to(handler: logging.Handler) -> Loop:
    log = logging.getLogger(type(handler).__name__)
    log.propagate = False
    log.addHandler(handler)

    def loop() -> None:
        for _ in range(CALLS):
            log.warning("%s of %s", 1, 2)

    return loop


def fastest_ns(loop: Loop) -> float:
    """Return what one turn of *loop* takes, in the fastest of the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begin_ns = time.perf_counter_ns()
        loop()
        rounds.append(time.perf_counter_ns() - begin_ns)
    return min(rounds) / CALLS


def measure(folder: str) -> dict[str, float]:
    """Return what each case costs in this process."""
    return {
        "with lock": fastest_ns(with_lock),
        "acquire, release": fastest_ns(acquire_and_release),
        "warning to nothing": fastest_ns(warning_to(Nothing())),
        "warning to a file": fastest_ns(warning_to(logging.FileHandler(f"{folder}/log"))),
    }


def measured(folder: str, *, traced: bool) -> dict[str, float]:
    """Measure in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MPTRACE")}
    if traced:
        environment |= {"MPTRACE": "1", "MPTRACE_DIR": f"{folder}/runs"}
    command = [sys.executable, __file__, "--measure", folder]
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    if traced is not os.path.exists(f"{folder}/runs"):
        raise SystemExit("logging_cost: nothing was traced: mptrace is not installed for this interpreter")
    figures: dict[str, float] = json.loads(said)
    return figures


def row(name: str, plain: Sequence[float], traced: Sequence[float]) -> str:
    """Return one line of the table."""
    columns = [f"{min(ns):9.0f} ±{statistics.stdev(ns):4.0f}" for ns in (plain, traced)]
    more_ns, ratio = min(traced) - min(plain), min(traced) / min(plain)
    bar = BARS.get(name)
    verdict = "" if bar is None else f"{bar:>5} {'ok' if more_ns <= bar else 'OVER'}"
    return f"{name:20} {'  '.join(columns)} {more_ns:7.0f} {ratio:7.3f} {verdict}".rstrip()


def main() -> None:
    """Print the table, or with --measure the figures of this process."""
    parser = argparse.ArgumentParser(description="What watched locks cost logging, in ns a call.")
    parser.add_argument("--pairs", type=int, default=10, metavar="N", help="pairs of processes, at least 2 (10)")
    parser.add_argument("--measure", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    pairs = []
    for _ in range(max(2, options.pairs)):
        with tempfile.TemporaryDirectory(prefix="mptrace-logging-") as folder:
            pairs.append((measured(folder, traced=False), measured(folder, traced=True)))
    print(f"Python {sys.version.split()[0]}, {len(pairs)} pairs, ns a call")
    print(f"{'':20} {'plain':>15}  {'traced':>15} {'more':>7} {'ratio':>7} {'bar':>5}")
    for name in pairs[0][0]:
        print(row(name, [plain[name] for plain, _ in pairs], [traced[name] for _, traced in pairs]))


if __name__ == "__main__":
    main()
