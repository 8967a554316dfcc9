"""Start children of every kind: ``kinds.py spawn|fork|forkserver``. Importing this module again costs something."""

import asyncio
import decimal
import multiprocessing
import sys
import time
import xml.dom.minidom
from concurrent.futures import ProcessPoolExecutor

TABLE = [decimal.Decimal(number).sqrt() for number in range(20000)]


def work(number):
    return len(number) if isinstance(number, bytes) else number * number


def prepare():
    time.sleep(0.02)


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    payload = b"x" * (1 << 20)
    children = [context.Process(target=work, args=(payload if number == 2 else 1,)) for number in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    with context.Pool(2, initializer=prepare) as pool:
        print(pool.map(work, range(4)))
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        print(list(executor.map(work, range(4))))
    with context.Manager() as manager:
        print(list(manager.list([1, 2])))
