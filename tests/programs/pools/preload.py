"""Starts three children of a forkserver that is to preload what its arguments say."""

import multiprocessing
import sys


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(sys.argv[1:])
    children = [context.Process(target=work) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
