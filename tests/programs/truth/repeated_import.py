"""Imports a slow module, and so does each of two children, for 500 ms: they print that, in ns."""

import multiprocessing

from planted import slow  # HERE


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
