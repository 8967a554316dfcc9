"""A main module that does nothing but to import what MODULES names, and children of a start method that import LATE."""

import multiprocessing
import os
import sys

for module in os.environ["MODULES"].split():
    __import__(module)


def work():
    """Import something in the midst of the work."""
    if "LATE" in os.environ:
        __import__(os.environ["LATE"])


if __name__ == "__main__":
    for _ in range(int(sys.argv[2])):
        process = multiprocessing.get_context(sys.argv[1]).Process(target=work)
        process.start()
        process.join()
