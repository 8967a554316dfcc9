"""Starts a child whose start method is chosen in the way of the first argument, or not at all."""

import asyncio
import concurrent.futures
import multiprocessing
import sys


def work(*_args: object) -> None:
    """Do nothing."""


async def ask(executor: concurrent.futures.Executor) -> None:
    """Have the event loop ask for the work."""
    await asyncio.get_running_loop().run_in_executor(executor, work)  # HERE loop


def main() -> None:
    how, method = sys.argv[1:]
    if how == "set":
        multiprocessing.set_start_method(method)
    if how == "executor":
        with concurrent.futures.ProcessPoolExecutor(1) as executor:
            executor.submit(work).result()  # HERE executor
    elif how == "loop":
        with concurrent.futures.ProcessPoolExecutor(1) as executor:
            asyncio.run(ask(executor))
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
