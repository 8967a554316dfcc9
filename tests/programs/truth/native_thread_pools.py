"""Imports a native module that starts threads, three for each CPU, and so does each of two children."""

import multiprocessing

import native_pool  # HERE


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
