"""Uses the functions that are named, here and in children of every start method."""

import asyncio
import inspect
import multiprocessing
import pickle
import sys
import traceback

from shop import Basket, deliver, price


def buy(method):
    """Call each function once."""
    basket = Basket.of("apple", "pear")
    try:
        basket.fail()
    except KeyError as error:
        names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    print(method, price("fig"), asyncio.run(deliver(basket)), Basket.empty().items, names[0], names[-1], flush=True)


if __name__ == "__main__":
    print(inspect.signature(Basket.add), price.__doc__, pickle.loads(pickle.dumps(price)) is price, Basket.size)
    buy("here")
    for method in sys.argv[1:]:
        process = multiprocessing.get_context(method).Process(target=buy, args=(method,))
        process.start()
        process.join()
