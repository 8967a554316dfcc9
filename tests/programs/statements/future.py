#!/usr/bin/env python
"""A docstring.

Of many lines.
"""

from __future__ import annotations

from stopwatch import wait, work

annotated: wait("never")


def function(argument: wait("never")) -> wait("never"):
    """Has another one."""


wait("a")  # [a]
"""Not a docstring."""
work("b")  # [b]
