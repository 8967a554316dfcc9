"""Finds modules as slowly as on a bad network: 300 ms for the one that a child needs; the child prints that, in ns."""

import multiprocessing
import os
import sys
import time


class Slow:
    """Finds nothing, in 300 ms."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "planted.quick":
            begin_ns = time.monotonic_ns()
            time.sleep(0.3)
            if __name__ == "__mp_main__":
                os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))


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
