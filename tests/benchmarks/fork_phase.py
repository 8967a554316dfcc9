"""Whether the fork phase of a large process is what the C library's fork() takes, on a quiet machine.

Beside the test suite: ``python tests/benchmarks/fork_phase.py [--mebibytes N] [--forks N]``, with the interpreter of
an environment that mptrace is installed in. The program forks by os.fork(), traced, and through ctypes in turn, so that
both meet the same neighbours; of each kind the fastest counts, since noise only adds. The two are to differ by at most
5 %.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, latest, start

BAR = 0.05


def measure(mebibytes: int, forks: int, folder: Path) -> list[tuple[float, float]]:
    """Return wall and CPU time of the fork phase, and beside each that of a fork timed through ctypes, in ms."""
    program = PROGRAMS / "forks" / "large.py"
    with start(program, traced=True, folder=folder, args=[str(mebibytes), str(forks)]) as process:
        stdout, stderr = process.communicate()
    run_folder = latest(folder)
    if process.returncode or not run_folder:
        raise SystemExit(f"fork_phase: {stderr.decode()}")
    phases = [phase for phase in load([run_folder]).processes[0].phases if phase.name == "fork"]
    timed = [[int(word) for word in line.split()] for line in stdout.splitlines()]
    pairs_ns = (
        (min(phase.end_ns - phase.begin_ns for phase in phases), min(wall_ns for wall_ns, _ in timed)),
        (min(phase.cpu_ns for phase in phases), min(cpu_ns for _, cpu_ns in timed)),
    )
    return [(phase_ns / 1e6, timed_ns / 1e6) for phase_ns, timed_ns in pairs_ns]


def main() -> None:
    """Print them, and by how much they differ."""
    parser = argparse.ArgumentParser(description="The fork phase beside a fork that is timed through ctypes.")
    parser.add_argument("--mebibytes", type=int, default=1024, metavar="N", help="touched memory of the parent (1024)")
    parser.add_argument("--forks", type=int, default=31, metavar="N", help="forks of each kind (31)")
    options = parser.parse_args()
    print(
        f"Python {sys.version.split()[0]}, {options.mebibytes} MiB, {options.forks} forks of each kind, bar {BAR:.0%}"
    )
    with tempfile.TemporaryDirectory(prefix="mptrace-fork-") as folder:
        pairs = measure(options.mebibytes, options.forks, Path(folder))
    for kind, (phase_ms, timed_ms) in zip(("wall", "CPU"), pairs, strict=True):
        verdict = "ok" if abs(phase_ms / timed_ms - 1) <= BAR else "OVER"
        print(f"{kind:5} phase {phase_ms:8.3f} ms, ctypes {timed_ms:8.3f} ms {phase_ms / timed_ms - 1:+7.1%} {verdict}")


if __name__ == "__main__":
    main()
