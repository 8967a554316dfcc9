"""Use multiprocessing's logger in a parent and one child: logger.py METHOD; without it, never ask for the logger."""

import logging
import multiprocessing
import sys


def child():
    multiprocessing.get_logger().warning("from the child")


def quiet():
    pass


if __name__ == "__main__":
    is_logging = len(sys.argv) > 1
    if is_logging:
        logger = multiprocessing.log_to_stderr(logging.INFO)
        logger.debug("excluded")
    method = sys.argv[1] if is_logging else "fork"
    process = multiprocessing.get_context(method).Process(target=child if is_logging else quiet)
    process.start()
    process.join()
