"""Loads something large at its top level; each of two children does so again, for 500 ms, and prints that, in ns."""

import multiprocessing
import os
import time


def load():
    """Take 500 ms."""
    begin_ns = time.monotonic_ns()
    time.sleep(0.5)
    if __name__ == "__mp_main__":
        os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))


MODEL = load()  # HERE


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
