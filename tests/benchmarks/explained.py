"""How much of the way to ready is explained, at worst, for each kind of child: a row of the table of issue 3.

Run it with each Python in turn: python tests/benchmarks/explained.py
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from mptrace.analysis.phases import start_ups
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, run

KINDS = ("fork", "spawn", "forkserver", "pool", "executor", "manager")
HELPERS = ("resource-tracker", "forkserver")


def lowest(kind: str) -> tuple[int, float]:
    """Return how many children of *kind* there were, and the least share of a way to ready that phases explain."""
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(PROGRAMS / "phases" / "kinds.py", traced=True, folder=Path(folder), args=[kind])
        assert outcome.status == 0
        assert outcome.run
        ways = [way for way in start_ups(load([outcome.run])) if way.process.start]
    shares = [way.explained for way in ways if way.explained is not None and way.process.role not in HELPERS]
    return len(shares), min(shares)


def main() -> None:
    """Print one line for each kind."""
    print(f"Python {sys.version.split()[0]}: children, lowest explained")
    for kind in KINDS:
        children, share = lowest(kind)
        print(f"{kind:<12} {children:>3} {share:.4f}")


if __name__ == "__main__":
    main()
