"""The manual page of a rule: its docstring, whose sections are the same for all rules.

Offline. Text is filled to the width of a terminal; what is indented deeper is code, and left alone.
"""

import inspect
from collections.abc import Iterator
from itertools import groupby
from textwrap import fill

from mptrace.analysis.findings import module_of

SECTIONS = ("What it detects:", "Why it costs:", "Remedy:", "When it is not reported:", "Source:")
INDENT = 4
WIDTH = 80


def pattern(rule: str) -> str:
    """Return the sentence that says what the rule is about. Raises KeyError where there is no such rule."""
    return _docstring(rule).partition("\n")[0]


def page(rule: str) -> str:
    """Return the manual page of a rule. Raises KeyError where there is no such rule."""
    return f"{rule}\n\n" + "\n".join(_filled(_docstring(rule))) + "\n"


def _docstring(rule: str) -> str:
    return inspect.getdoc(module_of(rule)) or ""


def _filled(text: str) -> Iterator[str]:
    """Yield *text* in paragraphs of WIDTH."""
    for (indent, is_address), lines in groupby(text.splitlines(), _kind):
        if is_address or indent is None or indent > INDENT:
            yield from lines
        else:
            yield fill(
                " ".join(map(str.strip, lines)), WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent
            )


def _kind(line: str) -> tuple[int | None, bool]:
    """Return how far a line is indented, a blank one not at all, and whether it is an address.

    A paragraph is what follows each other and is of one kind.
    """
    return len(line) - len(line.lstrip()) if line else None, "://" in line
