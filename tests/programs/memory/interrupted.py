"""Has an alarm go off in the middle of each of a few long collections, and prints what became of it.

What a handler raises during a collection is raised after it, in the code that ran before; what is raised in a callback
of the collector is printed and lost.
"""

import gc
import multiprocessing.popen_fork  # noqa: F401 - what imports this has its collections recorded
import signal
import sys
from types import FrameType

ALARMS = 5
DELAY_SECONDS = 0.005


class AlarmError(Exception):
    """What the handler raises."""


def ring(_number: int, _frame: FrameType | None) -> None:
    """Handle the alarm."""
    raise AlarmError


def is_delivered() -> bool:
    """Collect, and return whether the alarm's exception came through."""
    try:
        signal.setitimer(signal.ITIMER_REAL, DELAY_SECONDS)
        gc.collect()
        for _ in range(100_000):
            pass
    except AlarmError:
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return False


objects = [[number] for number in range(600_000)]
signal.signal(signal.SIGALRM, ring)
print("delivered", sum(is_delivered() for _ in range(ALARMS)))
sys.stdout.flush()
