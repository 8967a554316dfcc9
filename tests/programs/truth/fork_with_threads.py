"""Forks a child while another thread runs."""

import multiprocessing
import threading


def work() -> None:
    """Be the target of a child."""


if __name__ == "__main__":
    over = threading.Event()
    threading.Thread(target=over.wait, name="poller").start()
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()  # HERE
    child.join()
    over.set()
