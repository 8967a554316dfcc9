"""Stacks that faulthandler has written into a journal, as text between the records.

Offline. It writes them where nobody could have the GIL, and so nobody write a record. It does not say when, and calls
threads by other numbers than the kernel does. Its text is ASCII, with escapes for what is not.
"""

import re
from collections.abc import Sequence

HEADER = b"Timeout ("
THREAD = re.compile(rb"(?:Current thread|Thread) 0x[0-9a-f]+(?: \[(?P<name>.*)\])? \(most recent call first\):$")
FRAME = re.compile(rb'  File "(?P<file>.*)", line (?P<line>\d+|\?\?\?) in (?P<function>.*)$')
OTHERS = (b"", b"  ...", b"  <no Python frame>")

# [native id, name, frames] of each thread, as in a record of kind STACKS.
Threads = list[list[object]]


def take(lines: Sequence[bytes]) -> tuple[list[bytes], list[Threads]]:
    """Return the lines that are none of faulthandler's, and what each of its texts says."""
    rest: list[bytes] = []
    texts: list[Threads] = []
    is_inside = False
    for line in lines:
        if line.startswith(HEADER):
            is_inside = True
            texts.append([])
        elif is_inside and (thread := THREAD.match(line)):
            texts[-1].append([0, (thread["name"] or b"").decode(errors="replace"), []])
        elif is_inside and (frame := FRAME.match(line)) and texts[-1]:
            texts[-1][-1][2].append(_frame(frame))  # type: ignore[attr-defined]
        elif not (is_inside and line in OTHERS):
            is_inside = False
            rest.append(line)
    # The thread that watched has no Python frame.
    return rest, [[thread for thread in threads if thread[2]] for threads in texts]


def _frame(found: re.Match[bytes]) -> str:
    file, line, function = (found[name].decode(errors="replace") for name in ("file", "line", "function"))
    return f"{file}:{line} {function}"
