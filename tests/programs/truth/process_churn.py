"""Starts ten processes that do nothing, one after another."""

import multiprocessing


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    for _ in range(10):
        worker = context.Process(target=work)
        worker.start()  # HERE
        worker.join()
