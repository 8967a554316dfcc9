"""Starts four children that each take a while, and waits for each of them before it starts the next."""

import multiprocessing
import time

if __name__ == "__mp_main__":
    time.sleep(0.1)


def work(ready, end):
    """Say that this child is ready, and wait."""
    ready.send(True)
    end.wait()


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    end = context.Event()
    workers = []
    for _ in range(4):
        reader, writer = context.Pipe()
        workers.append(context.Process(target=work, args=(writer, end)))
        workers[-1].start()  # HERE
        reader.recv()
    end.set()
    for worker in workers:
        worker.join()
