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


def run_child(context, kill_after, delay):
    """Start a child, and kill it *delay* seconds after it has completed *kill_after* imports."""
    process = context.Process(target=target)
    process.start()
    progress = Path("completed", str(process.pid))
    while process.is_alive() and not (progress.exists() and progress.stat().st_size >= kill_after):
        time.sleep(0.0002)
    time.sleep(delay)
    process.kill()
    process.join()


def main(method, seed, count):
    """Kill *count* children, each at an instant of its own among its imports, however fast they go."""
    write_modules()
    context = multiprocessing.get_context(method)
    chance = random.Random(seed)
    instants = [(chance.randrange(1, MODULES * 3 // 4), chance.uniform(0, 0.001)) for _ in range(count)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda instant: run_child(context, *instant), instants))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
