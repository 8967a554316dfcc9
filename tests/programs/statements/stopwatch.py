"""Planted delays: each is measured where it happens, under the letter of the statement that it is planted in.

A program marks the line by which a statement is known with its letter: ``wait("a")  # [a]``. What was measured goes
to the file named by TOOK, a line of JSON for each process, when the process ends.
"""

import atexit
import json
import os
import time

_took = {}


def wait(letter, ms=6):
    """Do nothing for *ms* milliseconds, and return the letter."""
    begin_ns = time.monotonic_ns()
    time.sleep(ms / 1000)
    _add(letter, begin_ns)
    return letter


def work(letter, ms=6):
    """Keep a CPU busy for *ms* milliseconds, and return the letter."""
    begin_ns = time.monotonic_ns()
    while time.monotonic_ns() < begin_ns + ms * 1_000_000:
        pass
    _add(letter, begin_ns)
    return letter


def fail(letter, ms=6):
    """Raise ValueError after *ms* milliseconds."""
    wait(letter, ms)
    raise ValueError(letter)


def _add(letter, begin_ns):
    _took[letter] = _took.get(letter, 0) + time.monotonic_ns() - begin_ns


def _tell():
    with open(os.environ["TOOK"], "a") as file:
        file.write(json.dumps({"pid": os.getpid(), "took": _took}) + "\n")


atexit.register(_tell)
