"""How long a report takes on a large run: 1,000 spawned children with 1,000 imports each, unless told otherwise.

Beside the test suite: ``python tests/benchmarks/big_run.py [FOLDER]``, with the interpreter of an environment that
mptrace is installed in. It writes the run into FOLDER (or one that it removes), then runs each command in a process of
its own and prints its wall time, CPU time, and peak memory. The bar is that of the report: 5 s and 500 MB.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

BAR_S, BAR_MB = 5.0, 500
MS = 1_000_000
ROOT = 4000
BEGIN_NS = 10**15  # of the host's clock: a machine that has been up for days has times of that many digits
START_EVERY_NS = 2 * MS
IMPORT_NS = 300_000
BRANCHES = 8  # how many modules one module imports, until there are enough

LOAD = "import sys; from pathlib import Path; from mptrace.trace.merge import load; load([Path(sys.argv[1])])"


def write_run(folder: Path, processes: int, imports: int) -> None:
    """Write the journals of a root that starts *processes* children, one after another, with *imports* imports each."""
    folder.mkdir(parents=True, exist_ok=True)
    run = {"schema": 1, "id": folder.name, "argv": ["python", "app.py"], "python": "3.13.0", "cpus": 2}
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    pids = range(ROOT + 1, ROOT + 1 + processes)
    begins_ns = range(BEGIN_NS, BEGIN_NS + processes * START_EVERY_NS, START_EVERY_NS)
    starts = (line for pid, begin_ns in zip(pids, begins_ns, strict=True) for line in start(pid, begin_ns))
    write_journal(folder, ROOT, [image(ROOT, 1, BEGIN_NS), *starts])
    for pid, begin_ns in zip(pids, begins_ns, strict=True):
        write_journal(folder, pid, [image(pid, ROOT, begin_ns), *child(pid, begin_ns + 2 * MS, imports)])


def write_journal(folder: Path, pid: int, lines: Sequence[str]) -> None:
    """Write one journal."""
    (folder / f"{pid}-0.journal").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def image(pid: int, ppid: int, begin_ns: int) -> str:
    """Return a journal's first record."""
    argv = '["/usr/bin/python","app.py"' + (',"--multiprocessing-fork"]' if ppid == ROOT else "]")
    clocks = f"{1_700_000_000 * 10**9 + begin_ns},{begin_ns},{begin_ns},0,0"
    return (
        f'["P",1,"boot",{pid},{ppid},{begin_ns // (10 * MS)},{begin_ns},{begin_ns},{pid},{clocks},'
        f'"vm",1,2,"3.13.0","/usr/bin/python",{argv}]'
    )


def start(pid: int, begin_ns: int) -> Iterator[str]:
    """Yield what the parent records of a start."""
    fields = f'"Process-{pid}","spawn","app:work"'
    yield f'["s",{ROOT},{begin_ns},{fields}]'
    yield f'["f",{ROOT},{begin_ns},{begin_ns + MS},"prepare",{MS // 2}]'
    yield f'["f",{ROOT},{begin_ns + MS},{begin_ns + 3 * MS},"exec",{MS // 2}]'
    yield f'["S",{ROOT},{begin_ns},{begin_ns + 4 * MS},{fields},{pid}]'


def child(pid: int, begin_ns: int, imports: int) -> Iterator[str]:
    """Yield what a child records: its phases, and the imports of its main module in the order in which they ended."""
    main_ns = begin_ns + 20 * MS
    end_ns = main_ns + (imports + 1) * IMPORT_NS
    yield f'["f",{pid},{begin_ns},{main_ns},"interpreter",{15 * MS}]'
    yield from tree(pid, main_ns, range(imports), "__main__")
    yield f'["f",{pid},{main_ns},{end_ns},"main-module",{(end_ns - main_ns) // 2}]'
    yield f'["R",{pid},{end_ns},"run","Process-{pid}"]'
    yield f'["Z",{end_ns + MS},0,{imports + 5},{MS}]'


def tree(pid: int, begin_ns: int, numbers: range, importer: str) -> Iterator[str]:
    """Yield the imports with these *numbers*: a few at this level, each of which imports its part of the others."""
    size = max(1, len(numbers) // BRANCHES)
    for first in range(numbers.start, numbers.stop, size):
        part = range(first, min(first + size, numbers.stop))
        part_ns = begin_ns + (first - numbers.start) * IMPORT_NS
        module = f"package_{first % 37}.module_{first}"
        if importer == "__main__":
            yield f'["j",{pid},{part_ns},"{module}","{importer}",{first}]'
        yield from tree(pid, part_ns + IMPORT_NS // 2, part[1:], module)
        wall_ns = len(part) * IMPORT_NS - 7 * len(part)
        moments = f"{IMPORT_NS // 9},{IMPORT_NS // 5},0,0,0,0"
        yield f'["i",{pid},{part_ns},{wall_ns},"{module}","{importer}",{first},"SourceFileLoader",{moments}]'


def measure(arguments: Sequence[str]) -> tuple[float, float, float]:
    """Run Python with *arguments*; return its wall and CPU time in seconds, and its peak memory in megabytes."""
    begin_s = time.monotonic()
    pid = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ)
    _, status, usage = os.wait4(pid, 0)
    wall_s = time.monotonic() - begin_s
    if status:
        raise SystemExit(f"big_run: {' '.join(arguments)} failed")
    return wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def main() -> None:
    """Make the run and print the table."""
    parser = argparse.ArgumentParser(description="How long mptrace takes on a large run, and how much memory.")
    parser.add_argument("folder", nargs="?", type=Path, help="where the run is made, and kept")
    parser.add_argument("--processes", type=int, default=1000, metavar="N", help="how many children (1000)")
    parser.add_argument("--imports", type=int, default=1000, metavar="N", help="how many imports in each (1000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mptrace-big-") as scratch:
        folder = options.folder or Path(scratch) / "run"
        if not folder.exists():
            write_run(folder, options.processes, options.imports)
        report = ["-m", "mptrace", "report", str(folder), "-o", f"{scratch}/report"]
        print(f"{'':16} {'wall':>7} {'CPU':>7} {'memory':>8}")
        for name, arguments in {
            "load": ["-c", LOAD, str(folder)],
            "report": report,
            "report as JSON": [*report, "--format", "json"],
            "merge": ["-m", "mptrace", "merge", str(folder), "-o", f"{scratch}/trace.json"],
        }.items():
            wall_s, cpu_s, memory_mb = measure(arguments)
            is_over = name == "report" and (wall_s > BAR_S or memory_mb > BAR_MB)
            verdict = f"  OVER {BAR_S:.0f} s or {BAR_MB} MB" if is_over else ""
            print(f"{name:16} {wall_s:5.2f} s {cpu_s:5.2f} s {memory_mb:5.0f} MB{verdict}", flush=True)


if __name__ == "__main__":
    main()
