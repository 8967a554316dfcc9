"""Sends a megabyte to each of two children."""

import multiprocessing


def work(table):
    """Do nothing with the data."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(bytes(1 << 20),)) for _ in range(2)]
    for worker in workers:
        worker.start()  # HERE
    for worker in workers:
        worker.join()
