"""Start children one after another; PLANT names the phase in which something of this program's takes 50 ms.

What is planted in the child before its main module runs, or in the forkserver, is in site/, which is on PYTHONPATH.
"""

import multiprocessing
import multiprocessing.spawn
import multiprocessing.util
import os
import sys
from multiprocessing import forkserver

from plants import METHOD, PLANT, Name, Slow, wait_if

CHILDREN = 3


class Output:
    """Standard output as multiprocessing flushes it before a process is started."""

    def write(self, text):
        return len(text)

    def flush(self):
        wait_if("prepare")


class Input:
    """Standard input as multiprocessing closes it in a child."""

    def close(self):
        wait_if("bootstrap")


def get_command_line(**parameters):
    """Stand in for multiprocessing's own, which is asked for between pickling and executing."""
    wait_if("exec")
    return original_command_line(**parameters)


def work(*_args):
    pass


def after_fork(_slow):
    wait_if("bootstrap")  # not called in a spawned child


if __name__ == "__mp_main__":
    wait_if("main-module")
    if METHOD == "spawn":
        sys.stdin = Input()
slow = Slow()
multiprocessing.util.register_after_fork(slow, after_fork)

if __name__ == "__main__":
    original_command_line = multiprocessing.spawn.get_command_line
    multiprocessing.spawn.get_command_line = get_command_line
    context = multiprocessing.get_context(METHOD)
    if "EXECUTABLE" in os.environ:
        context.set_executable(os.environ["EXECUTABLE"])
    if METHOD == "forkserver":
        context.set_forkserver_preload(["preloaded", "__main__"])
    payload = bytes(1 << 20) if PLANT.startswith("send") else b""
    for number in range(CHILDREN):
        process = context.Process(target=work, args=(slow, payload), name=Name(f"child-{number}"))
        sys.stdout = Output()
        process.start()
        sys.stdout = sys.__stdout__
        process.join()
        if "RESTART" in os.environ:
            forkserver._forkserver._stop()
