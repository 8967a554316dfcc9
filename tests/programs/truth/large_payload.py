"""Sends a megabyte to children that take 500 ms to read it; how much longer start() took than with a byte is printed.

In nanoseconds a line.
"""

import multiprocessing
import time

if __name__ == "__mp_main__":
    time.sleep(0.5)


def work(table):
    """Do nothing with the data."""


def start_ns(size):
    """Start a child that is sent so many bytes, and return how long start() took."""
    worker = multiprocessing.get_context("spawn").Process(target=work, args=(bytes(size),))
    begin_ns = time.monotonic_ns()
    worker.start()  # HERE
    end_ns = time.monotonic_ns()
    worker.join()
    return end_ns - begin_ns


if __name__ == "__main__":
    usual_ns = start_ns(1)
    for _ in range(2):
        print(start_ns(1 << 20) - usual_ns)
