"""Start tracing when logging is there already, wait for a handler's lock, fork while it is held, and stop."""

import logging
import os
import threading
import warnings

import mptrace

warnings.simplefilter("ignore")
log = logging.getLogger("late")
log.propagate = False
taken, done = threading.Event(), threading.Event()


class Slow(logging.Handler):
    def emit(self, record):
        if record.msg == "slow":
            taken.set()
            done.wait(0.2)


log.addHandler(Slow())
before = log.handlers[0].lock
mptrace.start("runs")
watched = log.handlers[0].lock
thread = threading.Thread(target=log.warning, args=("slow",), name="holder")
thread.start()
taken.wait()
if not os.fork():
    os._exit(0)
os.wait()
log.warning("quick")
thread.join()
mptrace.stop()
log.warning("after")
plain = type(threading.RLock())
print(type(before) is plain, type(watched) is plain, "acquire" in vars(type(watched)), watched is log.handlers[0].lock)
mptrace.start("runs")
print("acquire" in vars(type(log.handlers[0].lock)))
