"""A pool of spawned workers whose main module imports pandas, which each worker then does again before it can work."""

import multiprocessing

import pandas

PRICES = pandas.Series(range(1, 1001), dtype="float64")


def average(window: int) -> float:
    """Return the mean of the last moving average over *window* prices."""
    return float(PRICES.rolling(window).mean().iloc[-1])


if __name__ == "__main__":
    pool = multiprocessing.get_context("spawn").Pool(4)
    print(pool.map(average, [5, 20, 50, 200]))
    pool.close()
    pool.join()
