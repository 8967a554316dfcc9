"""Make the main thread wait for a lock that thread "holder" keeps for a while, and print how long it had to, in ns.

    planted.py KIND MILLISECONDS    KIND: module (at a fork), handler (in emit), import
"""

import json
import logging
import os
import sys
import threading
import time

kind, held_s = sys.argv[1], float(sys.argv[2]) / 1000
taken = threading.Event()
moments = {}


def keep():
    taken.set()
    time.sleep(held_s)
    moments["released"] = time.monotonic_ns()


class Slow(logging.Handler):
    def emit(self, record):
        if record.msg == "slow":
            keep()


log = logging.getLogger("planted")
log.addHandler(Slow())


def hold_module():
    with logging._lock:
        keep()


def hold_handler():
    log.warning("slow")


def hold_import():
    import slow_module  # noqa: F401


def fork():
    if not os.fork():
        os._exit(0)
    os.wait()


def write():
    log.warning("quick")


sys.modules["planted"] = sys.modules["__main__"]
with open("slow_module.py", "w") as file:
    file.write("import planted\nplanted.keep()\n")
sys.path.insert(0, os.getcwd())
hold, ask = {
    "module": (hold_module, fork), "handler": (hold_handler, write), "import": (hold_import, hold_import),
}[kind]  # fmt: skip
holder = threading.Thread(target=hold, name="holder")
holder.start()
taken.wait()
asked = time.monotonic_ns()
ask()
holder.join()
print(json.dumps(moments["released"] - asked))
