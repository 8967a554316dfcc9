"""Starts a process wherever it is imported: there is no guard."""

import multiprocessing


def work():
    """Do nothing."""


worker = multiprocessing.get_context("spawn").Process(target=work)
worker.start()  # HERE
worker.join()
