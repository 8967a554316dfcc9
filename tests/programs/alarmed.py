"""Has alarms go off during imports, mostly in code of whoever watches them, and prints how many exceptions were lost.

CPython itself loses what a handler raises in a callback of a weak reference, such as the import system's, and 3.15
takes it for a failure to set lazy attributes; there the handler raises nothing.
"""

import importlib
import signal
import sys
import time
from types import FrameType

SECONDS = 1.5
DELAY_SECONDS = 0.0004
LOSSY = ("cb", "remove", "_find_and_load_unlocked")
MODULES = "bisect heapq colorsys statistics difflib textwrap string calendar sched queue getopt shlex cmd csv".split()

raised = caught = 0


class AlarmError(Exception):
    """What the handler raises."""


def ring(_number: int, frame: FrameType | None) -> None:
    """Handle the alarm."""
    global raised
    if frame and frame.f_code.co_name in LOSSY:
        return
    raised += 1
    raise AlarmError


def import_again() -> None:
    """Import a few modules, as if it were the first time, until the alarm."""
    global caught
    try:
        signal.setitimer(signal.ITIMER_REAL, DELAY_SECONDS)
        for module in MODULES:
            sys.modules.pop(module, None)
        for module in MODULES:
            importlib.import_module(module)
        time.sleep(10 * DELAY_SECONDS)
    except AlarmError:
        caught += 1


signal.signal(signal.SIGALRM, ring)
end = time.monotonic() + SECONDS
while time.monotonic() < end:
    import_again()
print("enough" if raised > 100 else raised, "lost", raised - caught)
