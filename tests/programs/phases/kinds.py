"""Start twenty children of one kind, none of which does anything: kinds.py KIND."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

CHILDREN = 20
WORKERS = 4


def nothing(number=0):
    return number


def start(kind):
    context = multiprocessing.get_context(kind if kind in ("fork", "spawn", "forkserver") else "spawn")
    if kind == "pool":
        for _ in range(CHILDREN // WORKERS):
            pool = context.Pool(WORKERS)
            pool.map(nothing, range(2 * WORKERS))
            pool.close()
            pool.join()
    elif kind == "executor":
        for _ in range(CHILDREN // WORKERS):
            with ProcessPoolExecutor(WORKERS, context) as executor:
                list(executor.map(nothing, range(4 * WORKERS)))
    elif kind == "manager":
        for _ in range(CHILDREN):
            with context.Manager() as manager:
                manager.dict()["a"] = 1
    else:
        for _ in range(CHILDREN):
            process = context.Process(target=nothing)
            process.start()
            process.join()


if __name__ == "__main__":
    start(sys.argv[1])
