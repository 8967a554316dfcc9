"""Starts a child whose start method is chosen in the way of the first argument, or not at all."""

import concurrent.futures
import multiprocessing
import sys


def work(*_args: object) -> None:
    """Do nothing."""


def main() -> None:
    how, method = sys.argv[1:]
    if how == "set":
        multiprocessing.set_start_method(method)
    if how == "executor":
        with concurrent.futures.ProcessPoolExecutor(1) as executor:
            executor.submit(work).result()  # HERE executor
    elif how == "pool":
        with multiprocessing.Pool(1) as pool:  # HERE pool
            pool.map(work, [1])
    else:
        multiprocessing.get_start_method()
        context = multiprocessing.get_context(method) if how == "context" else multiprocessing
        child = context.Process(target=work)
        child.start()  # HERE process
        child.join()


if __name__ == "__main__":
    main()
