"""Turn tracing on where the .pth file of mptrace cannot be installed: put this folder on PYTHONPATH.

Runtime: loaded in every process that has this folder on its PYTHONPATH, also by interpreters that have no mptrace,
which it must not disturb. Python runs one sitecustomize only, the first that it finds; so this one then runs the one
that it hides, in its place.
"""

import os
import sys

NAME = "sitecustomize"


def start_tracing() -> None:
    """Do what the line in a0_mptrace.pth does, in sight of nobody."""
    if os.environ.get("MPTRACE") in (None, "", "0"):
        return
    try:
        import mptrace.runtime

        mptrace.runtime.start()
    except Exception:
        # This interpreter has no mptrace, or half of one: the host is not to learn of it.
        pass


def run_hidden() -> None:
    """Import the sitecustomize that this one hides, as if this folder were not on sys.path."""
    here = os.path.dirname(__file__)
    position = sys.path.index(here) if here in sys.path else None
    ours = sys.modules.pop(NAME, None)
    if position is not None:
        del sys.path[position]
    try:
        __import__(NAME)
    except ImportError as error:
        # What fails inside the hidden one is reported by `site`, as it would be without us.
        if error.name != NAME:
            raise
    finally:
        if position is not None:
            sys.path.insert(position, here)
        # The import system insists that a module which it has just executed be in sys.modules.
        if ours is not None:
            sys.modules.setdefault(NAME, ours)


start_tracing()
run_hidden()
