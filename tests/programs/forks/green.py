"""Forks after _thread.get_ident was replaced, as by gevent's monkey.patch_all(), whose threads are not the kernel's."""

import _thread
import threading

native = _thread.get_ident
_thread.get_ident = lambda: native() + 1

import multiprocessing


def target() -> None:
    """Be the target of a child."""


if __name__ == "__main__":
    process = multiprocessing.get_context("fork").Process(target=target)
    process.start()
    process.join()
