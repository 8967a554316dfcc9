"""Creates what processes share, some of it in vain, and hands it to a child that creates one Lock of its own."""

import sys
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory


def use(method, lock, queue, name):
    """Use what the parent has created, in a child."""
    memory = SharedMemory(name)
    with lock:
        queue.put(memory.size >= 1000)
    memory.close()
    get_context(method).Lock()


def fail(make, *args, **options):
    """Create something that cannot be."""
    try:
        make(*args, **options)
    except (OSError, ValueError) as error:
        print(type(error).__name__)


if __name__ == "__main__":
    method = sys.argv[1]
    context = get_context(method)
    lock, queue = context.Lock(), context.Queue(3)
    memory = SharedMemory(create=True, size=1000)
    fail(context.Semaphore, -1)
    fail(SharedMemory, memory.name, create=True, size=1000)
    fail(SharedMemory, create=True, size=0)
    SharedMemory(memory.name).close()
    child = context.Process(target=use, args=(method, lock, queue, memory.name))
    child.start()
    print(queue.get())
    child.join()
    locks = [context.RLock() for _ in range(200)]
    memory.close()
    memory.unlink()
