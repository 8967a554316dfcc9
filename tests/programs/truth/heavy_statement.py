"""Loads something large at its top level; each of two children does so again, for 300 ms."""

import multiprocessing
import time


def load():
    """Take 300 ms."""
    time.sleep(0.3)


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
