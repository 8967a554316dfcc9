"""Fork while thread "holder" has a handler's lock, and another thread none; print the line on which it took it."""

import logging
import os
import threading
import warnings

warnings.simplefilter("ignore")
taken, done = threading.Event(), threading.Event()


class Slow(logging.Handler):
    def emit(self, record):
        taken.set()
        done.wait()


def log():
    logging.getLogger("slow").warning("slow")


logging.getLogger("slow").addHandler(Slow())
logging.getLogger("slow").propagate = False
threads = [threading.Thread(target=log, name="holder"), threading.Thread(target=done.wait, name="idle")]
for thread in threads:
    thread.start()
taken.wait()
if not os.fork():
    os._exit(0)
os.wait()
done.set()
print(log.__code__.co_firstlineno + 1)
