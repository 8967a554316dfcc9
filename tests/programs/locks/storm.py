"""Raise from a signal handler thousands of times around `with lock`, and print how often, and if the locks are free."""

import logging
import os
import signal
import threading
import time

logging.basicConfig(stream=open(os.devnull, "w"))
locks = logging._lock, logging.getLogger().handlers[0].lock
stopped, free = 0, []


class Stop(Exception):
    pass


def stop(number, frame):
    raise Stop


def look():
    for lock in locks:
        free.append(lock.acquire(timeout=1))
        if free[-1]:
            lock.release()


signal.signal(signal.SIGALRM, stop)
end = time.monotonic() + 3
while time.monotonic() < end:
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
        while True:
            with locks[0]:
                pass
            with locks[1]:
                pass
    except Stop:
        stopped += 1
signal.signal(signal.SIGALRM, signal.SIG_IGN)
thread = threading.Thread(target=look)
thread.start()
thread.join()
print(stopped, *free, flush=True)
os._exit(0)
