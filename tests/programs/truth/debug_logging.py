"""Has multiprocessing log all it does, in two children."""

import logging
import multiprocessing


def work() -> None:
    """Be the target of a child."""


if __name__ == "__main__":
    multiprocessing.log_to_stderr(logging.DEBUG)
    context = multiprocessing.get_context("fork")
    for _ in range(2):
        child = context.Process(target=work)
        child.start()
        child.join()
