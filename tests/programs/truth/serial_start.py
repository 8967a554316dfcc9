"""Starts four children that each take a while, and waits for each of them before it starts the next.

Then it starts four at once. How much longer the first four took to be ready is printed, in ns.
"""

import multiprocessing
import time

if __name__ == "__mp_main__":
    time.sleep(0.8)

COUNT = 4


def work(ready, end):
    """Say that this child is ready, and wait."""
    ready.send(True)
    end.wait()


def start(context, is_serial):
    """Start the children; return how long it took until all of them were ready."""
    end = context.Event()
    pipes = [context.Pipe() for _ in range(COUNT)]
    workers = [context.Process(target=work, args=(writer, end)) for _, writer in pipes]
    begin_ns = time.monotonic_ns()
    for worker, (reader, _) in zip(workers, pipes):
        worker.start()  # HERE
        if is_serial:
            reader.recv()
    for reader, _ in pipes[COUNT * is_serial :]:
        reader.recv()
    took_ns = time.monotonic_ns() - begin_ns
    end.set()
    for worker in workers:
        worker.join()
    return took_ns


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    print(start(context, True) - start(context, False))
