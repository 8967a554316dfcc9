"""Starts four children for each CPU, which have work to do before they are ready."""

import multiprocessing
import os
import time

if __name__ == "__mp_main__":
    while time.process_time() < 0.2:
        pass


def work():
    """Do nothing."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work) for _ in range(4 * len(os.sched_getaffinity(0)))]
    for worker in workers:
        worker.start()  # HERE
    for worker in workers:
        worker.join()
