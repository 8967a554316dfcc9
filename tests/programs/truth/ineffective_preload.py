"""Has a forkserver preload a module that cannot be imported yet; three children import it later, for 50 ms each."""

import multiprocessing
import os
import sys
import time

PLANTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "planted")


def work() -> None:
    """Import the module where it can be, and print what it took, in ns."""
    sys.path.insert(0, PLANTED)
    if os.path.exists("licence"):
        begin_ns = time.monotonic_ns()
        import licensed  # noqa: F401 # HERE

        os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))


if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["licensed"])
    for _ in range(4):
        child = context.Process(target=work)
        child.start()
        child.join()
        open("licence", "w").close()
