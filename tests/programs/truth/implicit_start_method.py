"""Starts a child by whatever method is the default: a fork with a thread, or one that runs this module again."""

import multiprocessing
import threading
import time


def work() -> None:
    """Be the target of a child."""


if __name__ == "__mp_main__":
    time.sleep(0.06)

if __name__ == "__main__":
    multiprocessing.set_forkserver_preload([])
    over = threading.Event()
    threading.Thread(target=over.wait).start()
    child = multiprocessing.Process(target=work)
    child.start()  # HERE
    child.join()
    over.set()
