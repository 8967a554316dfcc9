"""Starts a child that makes itself ready in its own code, where nobody but mptrace.ready() can tell.

Argument: how it is started. A child prints its pid, and the nanosecond of time.monotonic at which it said so.
"""

import multiprocessing
import os
import subprocess
import sys
import time

import mptrace

PREPARING_S = 0.05
PROGRAM = "subprocess"


def prepare() -> None:
    """Prepare, say so, and go on."""
    time.sleep(PREPARING_S)
    print(os.getpid(), time.monotonic_ns(), flush=True)
    mptrace.ready()
    time.sleep(PREPARING_S)
    mptrace.ready()


def start(how: str) -> None:
    """Start a child, and wait for its end."""
    if how == PROGRAM:
        subprocess.run([sys.executable, __file__], check=True)
    elif how == "os.fork":
        pid = os.fork()
        if pid == 0:
            prepare()
            os._exit(0)
        os.waitpid(pid, 0)
    elif how.startswith("os.fork in "):
        process = multiprocessing.get_context(how.split()[-1]).Process(target=start, args=("os.fork",))
        process.start()
        process.join()
    elif how == "Pool":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.apply(prepare)
    else:
        process = multiprocessing.get_context(how).Process(target=prepare)
        process.start()
        process.join()


if __name__ == "__main__":
    start(sys.argv[1]) if len(sys.argv) > 1 else prepare()
elif os.environ.get("EARLY"):
    prepare()
