"""Programs that a process starts, or turns into: what they are called, and which of them is a Python.

Offline. Command lines may have been shortened when they were recorded.
"""

import os
import re
from collections.abc import Iterable, Sequence

from mptrace.trace.model import Instant
from mptrace.trace.roles import options
from mptrace.trace.roles import program as python_program

SUBPROCESS = "subprocess"
EXEC_FAILED = "exec failed"
# A Python by its name; how it would have to be started to be traced is another question.
PYTHON = re.compile(r"(python|pypy)[\d.]*t?d?")
LABEL_LENGTH = 40
# Where a Python command line says what to run; a script has no letter.
RUN_OPTIONS = frozenset(("", "c", "m"))
# These only print something.
IDLE_OPTIONS = frozenset("Vh?")
IDLE_WORDS = frozenset(("--version", "--help", "--help-all", "--help-env", "--help-xoptions"))


def label(program: str, argv: Sequence[str]) -> str:
    """Return what people call a program: its name, and what it was given first that is not an option."""
    name = os.path.basename((program or next(iter(argv), "")).rstrip("/")) or "program"
    if PYTHON.fullmatch(name):
        first = python_program(argv) if RUN_OPTIONS & options(argv) else ""
    else:
        first = next((word for word in argv[1:] if not word.startswith("-")), next(iter(argv[1:]), ""))
        first = first if " " in first else os.path.basename(first.rstrip("/")) or first
    text = " ".join(f"{name} {first}".split())
    return text if len(text) <= LABEL_LENGTH else f"{text[: LABEL_LENGTH - 1]}…"


def is_same(program: str, argv: Sequence[str], image: Sequence[str]) -> bool:
    """Return whether the Python with the command line *image* is *program* itself, not what that turned into."""
    if not argv:
        return False
    length = max(map(len, argv))
    words = [word[:length] for word in image]
    if words[: len(argv)] == list(argv):
        return True
    # For a script, the kernel puts the interpreter that its first line names before it, perhaps with one option. An
    # interpreter without a path was looked up by a program in between: env.
    script = [program, *argv[1:]]
    is_named = "/" in next(iter(image), "")
    return is_named and any(words[begin : begin + len(script)] == script for begin in (1, 2))


def is_python(program: str, argv: Sequence[str]) -> bool:
    """Return whether *program* is a Python, by its name, that was given something to do."""
    if not PYTHON.fullmatch(os.path.basename(program)):
        return False
    return not IDLE_OPTIONS & options(argv) and not IDLE_WORDS & set(argv[1:2])


def failed_ns(instants: Iterable[Instant]) -> set[int]:
    """Return when it was learned that a program could not be executed, which is when its fork's end was learned."""
    return {instant.at_ns for instant in instants if (instant.category, instant.name) == (SUBPROCESS, EXEC_FAILED)}
