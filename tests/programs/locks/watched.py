"""Print in a child, or beside a thread, whether the locks of logging are watched: watched.py METHOD|thread."""

import multiprocessing
import sys
import threading
import time

if __name__ != "__main__" or sys.argv[1] == "thread":
    time.sleep(0.05)  # for the thread that watches to run
    import logging


def is_watched():
    logging = __import__("logging")
    locks = logging._lock, logging.lastResort.lock, logging.StreamHandler().lock
    print(*[type(lock) is not type(threading.RLock()) for lock in locks], flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "thread":
        import mptrace

        threading.Thread(target=time.sleep, args=(0.5,)).start()
        mptrace.start("runs")
        is_watched()
    else:
        process = multiprocessing.get_context(sys.argv[1]).Process(target=is_watched)
        process.start()
        process.join()
