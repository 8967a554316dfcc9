"""Starts a spawn child whose main module is the program it is told, and waits for it."""

import multiprocessing
import sys
import time

if __name__ == "__main__":
    sys.modules["__main__"].__file__ = sys.argv[1]
    sys.path.insert(0, sys.argv[1].rpartition("/")[0])
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(0,))
    process.start()
    process.join()
