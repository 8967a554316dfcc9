"""Forks four children, each held up by a handler of 20 ms; what it took altogether is printed, in ns."""

import multiprocessing
import os
import time


def connect() -> None:
    """Be slow in the child."""
    begin_ns = time.monotonic_ns()
    time.sleep(0.02)
    os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))


def work() -> None:
    """Be the target of a child."""


if __name__ == "__main__":
    os.register_at_fork(after_in_child=connect)
    context = multiprocessing.get_context("fork")
    for _ in range(4):
        child = context.Process(target=work)
        child.start()  # HERE
        child.join()
