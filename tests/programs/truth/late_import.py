"""Imports a slow module, 500 ms, in the tasks of a forked pool; each worker prints that, in ns."""

import multiprocessing


def work(item):
    """Import what could have been imported before."""
    from planted import slow  # HERE


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(work, range(4), 1)
