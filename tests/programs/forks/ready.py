"""Starts forked children one after another, and prints how long each took, in nanoseconds, by its own account.

From just before start() to the first line of the target. The first argument is how many; the others name a handler
each that is to take 50 ms: before, child.
"""

import multiprocessing
import os
import sys
import time


def slow_before() -> None:
    """Take 50 ms before a fork."""
    time.sleep(0.05)


def slow_child() -> None:
    """Take 50 ms in a child."""
    time.sleep(0.05)


def target(begin_ns: int) -> None:
    """Say how long it took to get here."""
    taken_ns = time.monotonic_ns() - begin_ns
    os.write(1, f"{os.getpid()} {taken_ns}\n".encode())


if __name__ == "__main__":
    if "before" in sys.argv:
        os.register_at_fork(before=slow_before)
    if "child" in sys.argv:
        os.register_at_fork(after_in_child=slow_child)
    for _ in range(int(sys.argv[1])):
        process = multiprocessing.get_context("fork").Process(target=target, args=(time.monotonic_ns(),))
        process.start()
        process.join()
