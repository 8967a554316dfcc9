"""Imports a large module, in each of two children as well, for which no .pyc may be written.

Each process prints how long that took, in ns: to compile it is nearly all of it.
"""

import multiprocessing
import os
import sys
import time

sys.dont_write_bytecode = True
if __name__ == "__main__":
    with open("large.py", "w") as file:
        file.writelines(f"def function_{number}(a, b):\n    return [a, b, {number}]\n" for number in range(8000))

sys.path.insert(0, os.getcwd())
begin_ns = time.monotonic_ns()
import large  # HERE

os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
