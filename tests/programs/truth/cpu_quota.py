"""Starts two children, one after another, that need 200 ms of a CPU to be ready; its cgroup has a tenth of one.

Each prints how long it was on its way without being on a CPU, in ns.
"""

import multiprocessing
import os
import time

if __name__ == "__mp_main__":
    while time.process_time() < 0.2:
        pass


def work(begin_ns):
    """Say how long it was held up; it never slept."""
    os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns - time.process_time_ns()))


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    for _ in range(2):
        worker = context.Process(target=work, args=(time.monotonic_ns(),))
        worker.start()  # HERE
        worker.join()
