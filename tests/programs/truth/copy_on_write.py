"""Forks two children that collect garbage among the many objects of their parent; what it took is printed, in ns."""

import gc
import multiprocessing
import os
import time

OBJECTS = 600_000


def collect() -> None:
    """Be the target of a child."""
    begin_ns = time.monotonic_ns()
    gc.collect()
    os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    gc.disable()
    objects = [[number] for number in range(OBJECTS)]
    for _ in range(2):
        child = context.Process(target=collect)
        child.start()  # HERE
        child.join()
