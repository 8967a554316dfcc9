"""Creates a Lock, a Queue and a SharedMemory, each with a name that takes its time; says when it did."""

import sys
import time
from multiprocessing import get_context, shared_memory, synchronize

PLANTED_S = 0.05


class SlowNames:
    """Names for semaphores."""

    def __init__(self, names):
        self.names = names

    def __next__(self):
        time.sleep(PLANTED_S)
        return next(self.names)


def slowly(make):
    """Return *make*, slowed down."""

    def wait_and_make():
        time.sleep(PLANTED_S)
        return make()

    return wait_and_make


def created(create):
    """Return what *create* creates, and tell when."""
    begin_ns = time.monotonic_ns()
    thing = create()
    print(type(thing).__name__, begin_ns, time.monotonic_ns())
    return thing


if __name__ == "__main__":
    context = get_context(sys.argv[1])
    synchronize.SemLock._rand = SlowNames(synchronize.SemLock._rand)
    shared_memory._make_filename = slowly(shared_memory._make_filename)
    kept = created(context.Lock), created(context.Queue)
    memory = created(lambda: shared_memory.SharedMemory(create=True, size=1000))
    memory.close()
    memory.unlink()
