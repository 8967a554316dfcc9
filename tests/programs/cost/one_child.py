"""Starts one child by the start method it is told, and waits for it and for the processes that serve it.

All of them are waited for, so that their CPU time is in this process's account.
"""

import multiprocessing
import sys
from multiprocessing import forkserver, resource_tracker


def nothing() -> None:
    """Be the target of a child."""


if __name__ == "__main__":
    process = multiprocessing.get_context(sys.argv[1]).Process(target=nothing)
    process.start()
    process.join()
    forkserver._forkserver._stop()
    resource_tracker._resource_tracker._stop()
    sys.exit(process.exitcode)
