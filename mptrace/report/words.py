"""How numbers and programs are written for people.

Offline.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

from mptrace.analysis import wording

counted = wording.counted
PROGRAM_LENGTH = 60
NAME_LENGTH = 60
LONG_WORD = re.compile(r"\S{161,}")
# Where an interpreter keeps its own modules, and those that are installed.
LIBRARY = r"/(?:site-packages|dist-packages|lib/python\d+\.\d+)/"
LIBRARIES = re.compile(rf"^.*{LIBRARY}")
LIBRARIES_IN_TEXT = re.compile(rf"(?<!\S)/\S*{LIBRARY}(?=\S)")

# What happens in each phase of start-up, in their order.
PHASES: Mapping[str, str] = {
    "prepare": "start() gets ready: modules, pipes, the resource tracker",
    "pickle": "start() turns the process and its arguments into bytes",
    "before-fork-hooks": "at-fork handlers run before the fork",
    "fork": "the kernel copies the parent",
    "exec": "the kernel makes a process and loads the Python program",
    "forkserver": "start() asks the fork server for a child",
    "send": "start() writes the bytes to the child",
    "interpreter": "Python itself starts in the child",
    "site": "Python runs its module site: paths, .pth files, sitecustomize",
    "after-fork-hooks": "at-fork handlers run in the child",
    "bootstrap-import": "the child imports multiprocessing",
    "receive": "the child reads what it needs to know of its parent",
    "main-module": "the child runs the main script; one of multiprocessing runs it again, as __mp_main__",
    "unpickle": "the child makes objects of the bytes, and imports what they need",
    "bootstrap": "what else the child does before the target runs",
    "initializer": "the initializer of the pool runs, or what the target does before mptrace.ready()",
}
# What the time in a phase can go into.
KINDS: Mapping[str, str] = {
    "import": "imports",
    "statement": "top-level statements",
    "lock": "waits for locks",
    "gc": "garbage collections",
    "fork-hook": "at-fork handlers",
    "tracer": "tracing",
    "running": "other work",
    "waiting": "waiting for a CPU",
    "off-cpu": "blocked or asleep",
    "not-running": "not running",
    "unknown": "in no phase",
}
# What stands before the name of one of them.
THINGS: Mapping[str, str] = {
    "import": "import ",
    "statement": "",
    "lock": "wait for ",
    "gc": "",
    "fork-hook": "handler ",
    "tracer": "",
}


def ms(time_ns: int) -> float:
    """Return nanoseconds as milliseconds, to the microsecond."""
    return round(time_ns / 1e6, 3)


def duration(wall_ms: float) -> str:
    """Write a time as findings do."""
    return wording.duration(round(wall_ms * 1e6))


def percent(share: float) -> str:
    """Write a share of one."""
    return f"{share:.0%}" if share < 0.995 else f"{share:.1%}" if share < 1 else "100%"


def visible(text: str) -> str:
    """Return *text* without what a terminal would act on instead of showing."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def cut(text: str, length: int) -> str:
    """Return *text*, or its beginning where it is longer than *length*."""
    return text if len(text) <= length else text[: length - 3] + "..."


def readable(text: str) -> str:
    """Return *text* without the folders that libraries are in, and with words cut that are longer than two lines."""
    return LONG_WORD.sub(lambda word: cut(word[0], NAME_LENGTH), LIBRARIES_IN_TEXT.sub("", text))


def cut_left(text: str, length: int) -> str:
    """Return *text*, or its end where it is longer than *length*: where what comes last tells most."""
    return text if len(text) <= length else "..." + text[3 - length :]


def place(path: str) -> str:
    """Return the path of a source file in short, if it is one of a library: from its package on."""
    return LIBRARIES.sub("", path)


def program(argv: Any, length: int = PROGRAM_LENGTH) -> str:
    """Write a command line in short: the interpreter by its name only, cut at *length*."""
    if not isinstance(argv, list) or not argv:
        return "?"
    words = [os.path.basename(str(argv[0])), *map(str, argv[1:])]
    return cut(visible(" ".join(" ".join(words).split())), length)
