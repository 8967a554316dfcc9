"""Starts a child by whatever method is the default: a fork with a thread, or one that runs this module again.

What that takes, 300 ms, is printed, in ns.
"""

import multiprocessing
import os
import threading
import time


def work() -> None:
    """Be the target of a child."""


if __name__ == "__mp_main__":
    begin_ns = time.monotonic_ns()
    time.sleep(0.3)
    os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))

if __name__ == "__main__":
    multiprocessing.set_forkserver_preload([])
    over = threading.Event()
    threading.Thread(target=over.wait).start()
    child = multiprocessing.Process(target=work)
    child.start()  # HERE
    child.join()
    over.set()
