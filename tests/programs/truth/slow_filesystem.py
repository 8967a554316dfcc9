"""Finds modules as slowly as on a bad network: 300 ms for the one that a child needs."""

import multiprocessing
import sys
import time


class Slow:
    """Finds nothing, in 300 ms."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "planted.quick":
            time.sleep(0.3)


sys.meta_path.insert(0, Slow)
import planted.quick


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
