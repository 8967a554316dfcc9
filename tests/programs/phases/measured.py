"""Start twenty children, and measure with the program's own means how long each takes to the first line of work()."""

import multiprocessing
import os
import sys
from time import monotonic_ns

CHILDREN = 20


class Moment:
    """Just before start(), which is later than when the arguments are given."""

    begin_ns = 0


def work(moment):
    at_ns = monotonic_ns()
    os.write(1, f"{os.getpid()} {at_ns - moment.begin_ns}\n".encode())


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    for _ in range(CHILDREN):
        moment = Moment()
        process = context.Process(target=work, args=(moment,))
        moment.begin_ns = monotonic_ns()
        process.start()
        process.join()
