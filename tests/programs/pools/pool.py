"""Makes a pool of one worker, gives it two tasks, and waits.

Arguments: the kind of pool (pool or executor), the start method, and for how many milliseconds the initializer, the
unpickling of a task's argument and the task itself sleep. Moments in the worker are told to the file "moments".
"""

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def tell(moment):
    """Write down when a moment was."""
    at_ns = time.monotonic_ns()
    with open("moments", "a") as file:
        file.write(f"{moment} {at_ns}\n")


class Argument:
    """Takes its time to arrive."""

    def __init__(self, ms):
        self.ms = ms

    def __setstate__(self, state):
        tell("arriving")
        time.sleep(state["ms"] / 1000)


def initialize(ms):
    """Sleep for *ms* milliseconds."""
    tell("initializing")
    time.sleep(ms / 1000)
    tell("initialized")


def work(argument, ms):
    """Sleep for *ms* milliseconds, after *argument* has arrived."""
    tell("working")
    time.sleep(ms / 1000)
    tell("worked")


def main():
    kind, method, initializer_ms, argument_ms, task_ms = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    context = multiprocessing.get_context(method)
    if kind == "executor":
        with ProcessPoolExecutor(1, context, initialize, (initializer_ms,)) as executor:
            for _ in range(2):
                executor.submit(work, Argument(argument_ms), task_ms).result()
        return
    pool = context.Pool(1, initialize, (initializer_ms,))
    for _ in range(2):
        pool.apply(work, (Argument(argument_ms), task_ms))
    pool.close()
    pool.join()


if __name__ == "__main__":
    main()
