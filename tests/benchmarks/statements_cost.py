"""What timing top-level statements costs a main module: one of many trivial statements, and one with a long loop.

Beside the test suite: ``python tests/benchmarks/statements_cost.py [--runs N]``, with the interpreter of an environment
that mptrace is installed in. The module is compiled and run by runpy, as that of a spawned child is, a few times in
processes that are traced with and without statements in turn. CPU time, and the least of it: noise only adds.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

RUN = """
import runpy, sys, time
taken_ns = []
for _ in range(int(sys.argv[2])):
    begin_ns = time.thread_time_ns()
    runpy.run_path(sys.argv[1], run_name="__mp_main__")
    taken_ns.append(time.thread_time_ns() - begin_ns)
print(min(taken_ns))
"""
TURNS = 5
# Since 3.14 looking up a line is quick however far down it is.
IS_QUICK = hasattr(sys, "monitoring") and hasattr(sys.monitoring.events, "BRANCH_LEFT")
# Name, text, and how many milliseconds more it may take.
CASES = (
    ("1,000 constants", "".join(f"name_{number} = {number}\n" for number in range(1000)), 0.5 if IS_QUICK else 4.0),
    ("1,000 calls", "".join(f"name_{number} = len('{number}')\n" for number in range(1000)), 0.5 if IS_QUICK else 4.0),
    ("loop of 1e6", "total = 0\nfor number in range(1_000_000):\n    total += number\n", 2.0),
)


def least_ms(program: Path, folder: str, runs: int) -> tuple[float, float]:
    """Return how long *program* takes without and with its statements timed, at best."""
    ways: Sequence[list[float]] = ([], [])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MPTRACE")}
    for _ in range(runs):
        for words, taken in zip(("off", "main"), ways, strict=True):
            traced = clean | {"MPTRACE": "1", "MPTRACE_DIR": folder, "MPTRACE_STATEMENTS": words}
            command = [sys.executable, "-c", RUN, str(program), str(TURNS)]
            taken.append(int(subprocess.run(command, env=traced, check=True, capture_output=True).stdout) / 1e6)
    return min(ways[0]), min(ways[1])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What timing top-level statements costs a main module.")
    parser.add_argument("--runs", type=int, default=30, metavar="N", help="runs of each program in each way (30)")
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, the least of {options.runs} runs")
    print(f"{'':18} {'off ms':>9} {'timed ms':>9} {'more':>7} {'bar':>5}")
    with tempfile.TemporaryDirectory(prefix="mptrace-statements-") as folder:
        for name, text, bar in CASES:
            program = Path(folder) / "program.py"
            program.write_text(text, encoding="utf-8")
            off_ms, timed_ms = least_ms(program, folder, options.runs)
            verdict = "ok" if timed_ms - off_ms <= bar else "OVER"
            print(f"{name:18} {off_ms:9.3f} {timed_ms:9.3f} {timed_ms - off_ms:7.3f} {bar:5.1f} {verdict}", flush=True)


if __name__ == "__main__":
    main()
