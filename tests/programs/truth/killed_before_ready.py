"""Gives its child 0.4 s to be ready, and kills it if it is not; the third attempt makes it.

How long the other two lived is printed, in ns.
"""

import multiprocessing
import os
import time

if __name__ == "__mp_main__" and os.environ["ATTEMPT"] != "2":
    time.sleep(10)


def work(ready):
    """Say that this child is ready."""
    ready.send(True)


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    for attempt in range(3):
        os.environ["ATTEMPT"] = str(attempt)
        reader, writer = context.Pipe()
        worker = context.Process(target=work, args=(writer,))
        begin_ns = time.monotonic_ns()
        worker.start()  # HERE
        if not reader.poll(0.4 if attempt < 2 else None):
            worker.kill()
            worker.join()
            print(time.monotonic_ns() - begin_ns)
        worker.join()
