"""Fork children while a thread logs in a loop; print the pids of those that hang in their own first record.

    logging_loop.py CHILDREN PAUSE_S PATIENCE_S    PAUSE_S: of the thread, between two records
"""

import logging
import multiprocessing
import os
import sys
import threading
import time
import warnings

count, pause_s, patience_s = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
logging.basicConfig(stream=open("/dev/null", "w"))


def loop():
    while True:
        logging.warning("spam %s", "x" * 200)
        if pause_s:
            time.sleep(pause_s)


def child():
    logging.warning("from the child")
    logging.warning("again")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    threading.Thread(target=loop, name="logger", daemon=True).start()
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=child) for _ in range(count)]
    for process in children:
        process.start()
    until = time.monotonic() + patience_s
    for process in children:
        process.join(max(0.01, until - time.monotonic()))
    hung = [process for process in children if process.exitcode is None]
    print(*[process.pid for process in hung], flush=True)
    for process in hung:
        process.kill()
        process.join()
    os._exit(0)
