"""Starts a Manager with the start method of its first argument, and calls its server twenty times, once slowly."""

import multiprocessing
import sys
import time
from multiprocessing.managers import SyncManager


class Sleeper:
    """Something that is shared."""

    def sleep(self, seconds):
        """Sleep."""
        time.sleep(seconds)


def call(proxy):
    """Call from a child."""
    proxy.sleep(0)


SyncManager.register("Sleeper", Sleeper)


def main():
    context = multiprocessing.get_context(sys.argv[1])
    manager = SyncManager(ctx=context)
    manager.start(time.sleep, (0.05,))
    sleeper = manager.Sleeper()
    for seconds in (0, 0.05, *[0] * 18):
        sleeper.sleep(seconds)
    child = context.Process(target=call, args=(sleeper,))
    child.start()
    child.join()
    manager.shutdown()


if __name__ == "__main__":
    main()
