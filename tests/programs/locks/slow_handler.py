"""Start one child, METHOD, beside a handler of multiprocessing's logger that takes 50 ms when the child is to run."""

import logging
import multiprocessing
import sys
import time


class Handler(logging.Handler):
    def emit(self, record):
        if "self.run()" in record.getMessage():
            time.sleep(0.05)


def work():
    pass


logger = multiprocessing.get_logger()
logger.setLevel(logging.INFO)
logger.addHandler(Handler())

if __name__ == "__main__":
    process = multiprocessing.get_context(sys.argv[1]).Process(target=work)
    process.start()
    process.join()
