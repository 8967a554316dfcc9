"""Forks a child while a thread has the lock of a stream for ever: it writes to a full pipe. The child logs, and hangs.

It is killed after three seconds; how long it lived is printed, in ns.
"""

import logging
import multiprocessing
import os
import threading
import time

_, full = os.pipe()
log = logging.getLogger("truth")
log.propagate = False
log.addHandler(logging.StreamHandler(open(full, "w")))


def fill() -> None:
    """Write until nobody can."""
    while True:
        log.warning("x" * 1000)  # HERE


def work() -> None:
    """Be the target of the child."""
    log.warning("from the child")


if __name__ == "__main__":
    threading.Thread(target=fill, name="filler", daemon=True).start()
    time.sleep(0.3)  # for the pipe to be full
    child = multiprocessing.get_context("fork").Process(target=work)
    begin_ns = time.monotonic_ns()
    child.start()  # HERE
    child.join(3)
    child.kill()
    child.join()
    print(time.monotonic_ns() - begin_ns, flush=True)
    os._exit(0)
