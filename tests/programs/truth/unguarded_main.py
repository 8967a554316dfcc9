"""Starts a process wherever it is imported: there is no guard. What became of the child's 400 ms is printed, in ns."""

import multiprocessing
import time

if __name__ == "__mp_main__":
    time.sleep(0.4)


def work():
    """Do nothing."""


begin_ns = time.monotonic_ns()
worker = multiprocessing.get_context("spawn").Process(target=work)
worker.start()  # HERE
worker.join()
print(time.monotonic_ns() - begin_ns)
