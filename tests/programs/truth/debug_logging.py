"""Has multiprocessing log all it does, in two children; to a slow handler if an argument says so.

What the children's records took that handler is printed, in ns.
"""

import logging
import multiprocessing
import os
import sys
import time


class Slow(logging.Handler):
    """Takes 30 ms to write a record in a child."""

    def emit(self, record):
        """Write."""
        if multiprocessing.parent_process():
            begin_ns = time.monotonic_ns()
            time.sleep(0.03)
            os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))


def work() -> None:
    """Be the target of a child."""


if __name__ == "__main__":
    logger = multiprocessing.log_to_stderr(logging.DEBUG)
    if "slow" in sys.argv:
        logger.addHandler(Slow())
    context = multiprocessing.get_context("fork")
    for _ in range(2):
        child = context.Process(target=work)
        child.start()
        child.join()
