"""Kills children at random instants while they import 400 modules: METHOD SEED COUNT are its arguments.

A child writes the number of each import statement that it has completed into a file of its own, completed/<pid>, one
byte at a time: what it wrote before it was killed is what a trace must know. Two children run at a time.
"""

import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MODULES = 400


def target():
    """Import everything, and say so after each statement."""
    sys.path.insert(0, "modules")
    progress = os.open(f"completed/{os.getpid()}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for number in range(MODULES):
        __import__(f"module{number}")
        os.write(progress, b".")


def write_modules():
    """Make the modules. Every tenth imports one below a package, so that some imports are nested."""
    Path("completed").mkdir()
    Path("modules", "package").mkdir(parents=True)
    Path("modules", "package", "__init__.py").write_text("")
    for number in range(MODULES):
        text = f"VALUE = {number}\n"
        if number % 10 == 0:
            Path("modules", "package", f"inner{number}.py").write_text(text)
            text = f"from package.inner{number} import VALUE\n"
        Path("modules", f"module{number}.py").write_text(text)


def run_child(context, kill_at=None):
    """Start a child, kill it *kill_at* seconds after its first import, and return how long it lived after that."""
    process = context.Process(target=target)
    process.start()
    progress = Path("completed", str(process.pid))
    while not (progress.exists() and progress.stat().st_size) and process.is_alive():
        time.sleep(0.0005)
    begin = time.perf_counter()
    if kill_at is not None:
        time.sleep(kill_at)
        process.kill()
    process.join()
    return time.perf_counter() - begin


def main(method, seed, count):
    """Measure how long a whole child takes, then kill *count* of them within that time."""
    write_modules()
    context = multiprocessing.get_context(method)
    run_child(context)
    whole = min(run_child(context) for _ in range(3))
    chance = random.Random(seed)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda kill_at: run_child(context, kill_at), [chance.uniform(0, whole) for _ in range(count)]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
