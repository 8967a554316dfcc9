"""Forks children of children, forks in threads at once, and forks in an at-fork handler."""

import os
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore")
forks = []


def first() -> None:
    """Run first before a fork, for it was registered last."""


def last() -> None:
    """Run last before a fork, and fork once itself."""
    if sys.argv[1] == "handler" and not forks:
        forks.append(1)
        wait(os.fork())


def after() -> None:
    """Take a while after a fork."""
    time.sleep(0.001)


def wait(pid: int) -> None:
    """End a child; in the parent, wait until it has ended."""
    if pid == 0:
        os._exit(0)
    assert os.waitpid(pid, 0) == (pid, 0)


def descend(depth: int) -> None:
    """Fork a child that forks a child."""
    pid = os.fork()
    if pid == 0 and depth:
        descend(depth - 1)
    wait(pid)


def fork_often() -> None:
    """Fork many times."""
    for _ in range(10):
        wait(os.fork())


os.register_at_fork(before=last, after_in_parent=after, after_in_child=after)
os.register_at_fork(before=first, after_in_parent=after)
if sys.argv[1] == "children":
    descend(3)
elif sys.argv[1] == "handler":
    wait(os.fork())
else:
    sys.setswitchinterval(1e-5)
    threads = [threading.Thread(target=fork_often) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
