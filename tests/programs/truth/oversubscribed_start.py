"""Starts four children for each CPU, which have half a second's work to do before they are ready.

Each prints how long it was on its way without being on a CPU, in ns.
"""

import multiprocessing
import os
import time

if __name__ == "__mp_main__":
    while time.process_time() < 0.5:
        pass


def work(begin_ns):
    """Say how long it waited; it never slept."""
    os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns - time.process_time_ns()))


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    workers = []
    for _ in range(4 * len(os.sched_getaffinity(0))):
        workers.append(context.Process(target=work, args=(time.monotonic_ns(),)))
        workers[-1].start()  # HERE
    for worker in workers:
        worker.join()
