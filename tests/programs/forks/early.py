"""Forks with handlers that are registered before anything is imported, by os's function or by one kept from it."""

import os
import sys


def before() -> None:
    """Run before the fork."""


def after() -> None:
    """Run after it, on both sides."""


register = os.register_at_fork
os.register_at_fork(before=before)
register = register if sys.argv[1] == "saved" else os.register_at_fork
register(after_in_parent=after, after_in_child=after)
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
