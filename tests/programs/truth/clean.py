"""Does as it should: arguments are the start method, and how the children are kept (process, pool, executor)."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor


def work(item):
    """Do a little."""
    return item + 1


def main(method, kind):
    """Give four tasks to two children, or start two."""
    context = multiprocessing.get_context(method)
    if kind == "process":
        workers = [context.Process(target=work, args=(item,)) for item in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    elif kind == "pool":
        with context.Pool(2) as pool:
            pool.map(work, range(4))
            pool.close()
            pool.join()
    else:
        with ProcessPoolExecutor(2, context) as executor:
            list(executor.map(work, range(4)))


if __name__ == "__main__":
    main(*sys.argv[1:])
