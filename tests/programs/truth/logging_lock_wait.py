"""Logs while another thread writes a record for 80 ms; how long that held up the main thread is printed, in ns."""

import logging
import threading
import time

writing = threading.Event()


class Slow(logging.Handler):
    """Takes long to write some records."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write."""
        if record.msg == "slow":
            writing.set()
            time.sleep(0.08)


log = logging.getLogger("truth")
log.addHandler(Slow())


def write() -> None:
    """Write a slow record."""
    log.warning("slow")  # HERE


writer = threading.Thread(target=write, name="writer")
writer.start()
writing.wait()
begin_ns = time.monotonic_ns()
log.warning("quick")
print(time.monotonic_ns() - begin_ns)
writer.join()
