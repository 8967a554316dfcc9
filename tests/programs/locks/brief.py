"""Let two threads take turns at a lock of logging, each for a fraction of a millisecond."""

import logging
import threading
import time


def take_turns():
    for _ in range(300):
        with logging._lock:
            time.sleep(0.0001)


threads = [threading.Thread(target=take_turns) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
