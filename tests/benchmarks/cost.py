"""What tracing costs a host: CPU time traced over plain, in pairs.

Beside the test suite: ``python tests/benchmarks/cost.py [--runs N]``, with the interpreter of an environment that
mptrace is installed in. It prints a table and judges nothing but the bars it prints; a shared machine is too noisy for
a test. CPU time is that of the whole program with the children it waited for (wait4), because wall time on a shared
machine says more about the neighbours. Plain and traced runs alternate, so that both meet the same neighbours, and
the ratio is the median of the pairs' ratios. Two others run beside them: -X importtime, and the least recorder that
could do (programs/cost/least), below which nothing written in Python can come.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(__file__).parent.parent / "programs" / "cost"


@dataclass(frozen=True)
class Case:
    """A program, and the most that tracing may cost it, as a ratio."""

    name: str
    arguments: Sequence[str]
    bar: float


CASES = (
    Case("bare interpreter", ("-c", "pass"), bar=1.10),
    Case("250 stdlib imports", (str(PROGRAMS / "stdlib_imports.py"),), bar=1.03),
    Case("spawn child", (str(PROGRAMS / "one_child.py"), "spawn"), bar=1.04),
    Case("fork child", (str(PROGRAMS / "one_child.py"), "fork"), bar=1.06),
    Case("forkserver child", (str(PROGRAMS / "one_child.py"), "forkserver"), bar=1.04),
)


@dataclass(frozen=True)
class Cost:
    """The medians of a case's pairs: milliseconds, and ratios to the plain run of the same pair."""

    plain_ms: float
    traced_ms: float
    traced_ratio: float
    importtime_ratio: float
    least_ratio: float


def cpu_seconds(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run this interpreter with *arguments* and return the CPU time of it and of the children it waited for."""
    silence = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    pid = os.posix_spawn(sys.executable, [sys.executable, *arguments], environment, file_actions=silence)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"cost: {' '.join(arguments)} failed with wait status {status}")
    return usage.ru_utime + usage.ru_stime


def measure(case: Case, runs: int, plain: Mapping[str, str], traced: Mapping[str, str]) -> Cost:
    """Run *case* in the four ways in turn, *runs* times, after one round that writes the .pyc."""
    least = dict(plain) | {"PYTHONPATH": str(PROGRAMS / "least"), "LEAST_DIR": traced["MPTRACE_DIR"]}
    ways: tuple[Callable[[], float], ...] = (
        lambda: cpu_seconds(case.arguments, plain),
        lambda: cpu_seconds(case.arguments, traced),
        lambda: cpu_seconds(("-X", "importtime", *case.arguments), plain),
        lambda: cpu_seconds(case.arguments, least),
    )
    rounds = [[way() for way in ways] for _ in range(runs + 1)][1:]
    return Cost(
        plain_ms=statistics.median(seconds[0] for seconds in rounds) * 1e3,
        traced_ms=statistics.median(seconds[1] for seconds in rounds) * 1e3,
        traced_ratio=statistics.median(seconds[1] / seconds[0] for seconds in rounds),
        importtime_ratio=statistics.median(seconds[2] / seconds[0] for seconds in rounds),
        least_ratio=statistics.median(seconds[3] / seconds[0] for seconds in rounds),
    )


def environments(folder: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the environments of a plain and of a traced run; neither keeps .pyc files from being written."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MPTRACE") and name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME")
    }
    return plain, plain | {"MPTRACE": "1", "MPTRACE_DIR": folder}


def row(case: Case, cost: Cost) -> str:
    """Return one line of the table."""
    verdict = "ok" if cost.traced_ratio <= case.bar else "OVER"
    return (
        f"{case.name:20} {cost.plain_ms:9.2f} {cost.traced_ms:9.2f} {cost.traced_ms - cost.plain_ms:7.2f}"
        f" {cost.traced_ratio:7.3f} {case.bar:5.2f} {verdict:5}{cost.importtime_ratio:11.3f} {cost.least_ratio:7.3f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="What tracing costs: CPU time traced over plain, medians of pairs.")
    parser.add_argument("--runs", type=int, default=25, metavar="N", help="pairs of runs of each program (25)")
    parser.add_argument("--only", default="", metavar="WORD", help="measure the programs whose name contains WORD")
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {options.runs} pairs, CPU time")
    heads = (
        f"{'plain ms':>9} {'traced ms':>9} {'more':>7} {'ratio':>7} {'bar':>5} {'':5}{'importtime':>11} {'least':>7}"
    )
    print(f"{'':20} {heads}")
    for case in CASES:
        if options.only not in case.name:
            continue
        folder = tempfile.mkdtemp(prefix="mptrace-cost-")
        try:
            cost = measure(case, options.runs, *environments(folder))
            if not any(Path(folder).glob("*/*.journal")):
                raise SystemExit("cost: nothing was traced: mptrace is not installed for this interpreter")
        finally:
            shutil.rmtree(folder)
        print(row(case, cost), flush=True)


if __name__ == "__main__":
    main()
