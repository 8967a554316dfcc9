"""A process with another thread that forks while logging's lock is written in Python, as gevent's are."""

import logging
import os
import threading

logging._lock = threading._PyRLock()  # type: ignore[attr-defined]
done = threading.Event()
threading.Thread(target=done.wait, name="idle").start()
child = os.fork()
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
done.set()
