"""Makes many objects, forks, and collects garbage: in the parent first, then in the child."""

import gc
import multiprocessing.popen_fork  # what imports this has its collections recorded
import sys

OBJECTS = 300_000


def collect() -> None:
    """Be the target of a child."""
    gc.collect()


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    process = context.Process(target=collect, name="collector")
    objects = [[number] for number in range(OBJECTS)]
    gc.collect()
    if "frozen" in sys.argv:
        gc.freeze()
    process.start()
    process.join()
    sys.exit(process.exitcode)
