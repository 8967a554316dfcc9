"""Forks by os.fork(), pty.fork() and multiprocessing, with handlers of many kinds."""

import functools
import multiprocessing
import os
import pty
import sys
import threading

lock = threading.Lock()


def before() -> None:
    """Run before a fork."""


def after() -> None:
    """Run after a fork."""


class Service:
    """An object with handlers."""

    def __call__(self) -> None:
        """Run as a handler itself."""

    def renew(self) -> None:
        """Run in a child."""


def target() -> None:
    """Be the target of a child."""


if __name__ == "__main__":
    os.register_at_fork(before=before, after_in_parent=after, after_in_child=Service().renew)
    os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
    os.register_at_fork(before=functools.partial(before), after_in_child=Service())
    how = sys.argv[1]
    if how == "os.fork":
        pid = os.fork()
    elif how == "pty.fork":
        pid, _ = pty.fork()
    else:
        process = multiprocessing.get_context("fork").Process(target=target)
        process.start()
        process.join()
        sys.exit(process.exitcode)
    if pid == 0:
        os._exit(0)
    sys.exit(os.waitpid(pid, 0)[1])
