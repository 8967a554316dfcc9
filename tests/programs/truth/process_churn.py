"""Starts ten processes that do nothing, one after another; what it took to start all but the first is printed, in ns."""

import multiprocessing
import os
import time


def work(begin_ns):
    """Say how long it took to get here, in all but the first: that one could have been kept."""
    if begin_ns:
        os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    for number in range(10):
        worker = context.Process(target=work, args=(time.monotonic_ns() if number else 0,))
        worker.start()  # HERE
        worker.join()
