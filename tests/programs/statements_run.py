"""A main module, run again by a child of each start method that it is told."""

import multiprocessing
import sys

MARK = [
    __name__,
]
for number in range(1000):
    MARK.append(number)


def target():
    """Do nothing."""


if __name__ == "__main__":
    for method in sys.argv[1:]:
        process = multiprocessing.get_context(method).Process(target=target)
        process.start()
        process.join()
