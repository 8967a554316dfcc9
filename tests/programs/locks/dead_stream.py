"""Fork children while a thread holds the lock inside a handler's stream for ever, and print the pids of those that hang.

The thread writes to a full pipe. Odd children log through the handler, which hangs; even ones do not, and finish.
"""

import logging
import multiprocessing
import os
import sys
import threading
import time
import warnings

CHILDREN, PATIENCE_S = 6, float(sys.argv[1])
_, full = os.pipe()
log = logging.getLogger("dead")
log.propagate = False
log.addHandler(logging.StreamHandler(open(full, "w")))


def fill():
    while True:
        log.warning("x" * 1000)


def child(number):
    if number % 2:
        log.warning("from the child")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    threading.Thread(target=fill, name="filler", daemon=True).start()
    time.sleep(0.3)  # for the pipe to be full
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=child, args=(number,)) for number in range(CHILDREN)]
    for process in children:
        process.start()
    until = time.monotonic() + PATIENCE_S
    for process in children:
        process.join(max(0.01, until - time.monotonic()))
    hung = [process for process in children if process.exitcode is None]
    print(*[process.pid for process in hung])
    for process in hung:
        process.kill()
        process.join()
    sys.stdout.flush()
    os._exit(0)
