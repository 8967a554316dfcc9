"""Has a child block a signal before it is ready, get it, and take it when it is: what blocks it in all threads keeps it.

Arguments: the start method.
"""

import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing import util

SIGNAL = signal.SIGTERM


def block(*_: object) -> None:
    """Block the signal, and send it to this process, which waits long enough for any of its threads to take it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [SIGNAL])
    os.kill(os.getpid(), SIGNAL)
    time.sleep(0.05)


class Blocking:
    """An argument that blocks the signal as it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[()]]:
        """Be made by block()."""
        return block, ()


def target(_: object) -> None:
    """Take the signal that waits."""
    print("took", signal.sigwait([SIGNAL]).name, flush=True)


if __name__ == "__main__":
    method = sys.argv[1]
    context = multiprocessing.get_context(method)
    over = threading.Event()
    if method == "fork":
        util.register_after_fork(over, block)
        threading.Thread(target=over.wait, daemon=True).start()
    process = context.Process(target=target, args=(None if method == "fork" else Blocking(),))
    process.start()
    process.join()
    print("exit status", process.exitcode)
    over.set()
