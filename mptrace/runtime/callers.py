"""Where the host's code stands that starts a process.

Runtime: loaded in a process that starts another. The stack is only looked at: the line that a person would change is
that of the innermost frame which is neither ours nor of an installed library, or else of the innermost which is neither
ours nor of what the library starts processes with.
"""

import os
import sys

from mptrace.runtime.clock import get_frame
from mptrace.runtime.journal import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

# threading: a pool starts workers anew in a thread of its own, below which nothing is the host's.
LIBRARY = frozenset(("mptrace", "multiprocessing", "concurrent", "asyncio", "subprocess", "pty", "os", "threading"))
# Where files are that nobody changes who runs them: the standard library, and what the installer writes.
INSTALLED = (f"{os.path.dirname(os.__file__)}/", f"{sys.prefix}/bin/")
PACKAGES = ("/site-packages/", "/dist-packages/")
# Those that learn themselves how the children ended that they have started.
WAITING = ("multiprocessing", "subprocess")


def caller() -> "tuple[str, int]":
    """Return the file and line of the host's code that this thread is in; nothing where it has no file."""
    frame = get_frame(1)
    found: tuple[str, int] | None = None
    while frame:
        module, file = frame.f_globals.get("__name__"), frame.f_code.co_filename
        is_library = type(module) is str and module.partition(".")[0] in LIBRARY
        if not (is_library or file.startswith("<frozen ")):
            place = ("", 0) if file.startswith("<") else (file, frame.f_lineno)
            found = found or place
            if not (file.startswith(INSTALLED) or any(folder in file for folder in PACKAGES)):
                return place if place[1] else found
        frame = frame.f_back  # type: ignore[assignment]
    return found or ("", 0)


def is_waiting(frame: "FrameType | None") -> bool:
    """Return whether *frame*, or the first below it that is not ours, is of a library that waits for children."""
    while frame:
        package = text(frame.f_globals.get("__name__")).partition(".")[0]
        if package != "mptrace":
            return package in WAITING
        frame = frame.f_back
    return False
