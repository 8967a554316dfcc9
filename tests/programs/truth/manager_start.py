"""Starts the server of a Manager, which takes 50 ms more than others; what that took is printed, in ns."""

import multiprocessing
import time
from multiprocessing.managers import SyncManager

if __name__ == "__main__":
    manager = SyncManager(ctx=multiprocessing.get_context("spawn"))
    begin_ns = time.monotonic_ns()
    manager.start(time.sleep, (0.05,))  # HERE
    print(time.monotonic_ns() - begin_ns)
    manager.shutdown()
