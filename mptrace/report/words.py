"""How numbers and programs are written for people.

Offline.
"""

import os
from typing import Any

PROGRAM_LENGTH = 60


def ms(time_ns: int) -> float:
    """Return nanoseconds as milliseconds, to the microsecond."""
    return round(time_ns / 1e6, 3)


def duration(wall_ms: float) -> str:
    """Write a time so that two of them compare at a glance: milliseconds below ten seconds, seconds above."""
    if wall_ms >= 10_000:
        return f"{wall_ms / 1000:,.1f} s"
    return f"{wall_ms:.1f} ms" if wall_ms < 1000 else f"{wall_ms:,.0f} ms"


def percent(share: float) -> str:
    """Write a share of one."""
    return f"{share:.0%}" if share < 0.995 else f"{share:.1%}" if share < 1 else "100%"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number of things."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def visible(text: str) -> str:
    """Return *text* without what a terminal would act on instead of showing."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def program(argv: Any, length: int = PROGRAM_LENGTH) -> str:
    """Write a command line in short: the interpreter by its name only, cut at *length*."""
    if not isinstance(argv, list) or not argv:
        return "?"
    words = [os.path.basename(str(argv[0])), *map(str, argv[1:])]
    line = visible(" ".join(" ".join(words).split()))
    return line if len(line) <= length else line[: length - 3] + "..."
