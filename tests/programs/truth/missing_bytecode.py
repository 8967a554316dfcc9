"""Imports a large module, in each of two children as well, for which no .pyc may be written."""

import multiprocessing
import os
import sys

sys.dont_write_bytecode = True
if __name__ == "__main__":
    with open("large.py", "w") as file:
        file.writelines(f"def function_{number}(a, b):\n    return [a, b, {number}]\n" for number in range(4000))

sys.path.insert(0, os.getcwd())
import large  # HERE


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
