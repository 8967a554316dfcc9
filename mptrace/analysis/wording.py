"""How rules write numbers and names; the report writes them alike (report/words.py).

Offline.
"""

from collections.abc import Sequence


def duration(wall_ns: int) -> str:
    """Write a time so that two of them compare at a glance: milliseconds below ten seconds, seconds above."""
    wall_ms = wall_ns / 1e6
    if wall_ms >= 10_000:
        return f"{wall_ms / 1000:,.1f} s"
    return f"{wall_ms:.1f} ms" if wall_ms < 1000 else f"{wall_ms:,.0f} ms"


def size(count: int) -> str:
    """Write a number of bytes."""
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def percent(share: float) -> str:
    """Write a share of one."""
    return f"{share:.0%}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number of things."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def names(words: Sequence[str], most: int = 3) -> str:
    """Write a list, the first few by name."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most:,} more"
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def one_line(message: str) -> str:
    """Write what may be a message of many lines, as those of exceptions are, in one."""
    return " ".join(message.split())


def measured(what: str, took: str) -> str:
    """Write what took how long; the first line of a block of Python ends in a colon of its own."""
    return f"{what.removesuffix(':')}: {took}"
