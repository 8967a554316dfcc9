"""os.wait and its kin: how the children ended that this process forked, or spawned, by itself.

Runtime: loaded with the first of those; whoever starts children through multiprocessing or subprocess waits through
them, and they say it (patches/process_end, programs). A status is all that a call of these functions tells, so there is
no way around a wrapper that is on the stack meanwhile. What an exception leaves behind does not show it; a signal
handler that prints its stack does, as a frame of the import system.
"""

import os
import sys

from mptrace.records import CHILD_END
from mptrace.runtime import config, journal, patches
from mptrace.runtime.callers import is_waiting
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "waits"
FUNCTIONS = ("wait", "waitpid", "wait3", "wait4", "waitid")
# What waitid() says of a child that is no more (sigaction(2)): CLD_EXITED, CLD_KILLED and CLD_DUMPED.
EXITED, KILLED, DUMPED = 1, 2, 3

_replacements: "list[Replacement]" = []


def install(begin_ns: int) -> None:
    """Record what these functions tell from now on; loading this file began at *begin_ns*."""
    if _replacements or not config.is_wanted(NAME):
        return
    for name in FUNCTIONS:
        if hasattr(os, name):
            _replacements.append(replace(os, name, _make_wait))
    patches.add(NAME, sys.modules[__name__])
    journal.span(begin_ns, "tracer", "patch os.wait")


def uninstall() -> None:
    """Record no more."""
    while _replacements:
        _replacements.pop().restore()


def _make_wait(original: "Any") -> "Any":
    note = guarded(NAME, _learned)

    def wait(*args: "Any", **kwargs: "Any") -> "Any":
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        note(result)
        return result

    return hide(wait)


def _learned(result: "Any") -> None:
    """Write down a child's end, if that is what the function has returned: a child may also have stopped, or run on."""
    at_ns = now_ns()
    if hasattr(result, "si_pid"):
        pid, status = result.si_pid, result.si_status
        returncode = {EXITED: status, KILLED: -status, DUMPED: -status}.get(result.si_code)
    elif result:
        pid, status = result[:2]
        signal = status & 0x7F
        # wait(2): the low byte is 127 where the child stopped, all of it 255 where it goes on.
        returncode = None if signal == 0x7F else -signal or status >> 8
    else:
        return  # waitid() with WNOHANG
    if pid and returncode is not None and not is_waiting(get_frame(1)):
        journal.write(at_ns, f'["{CHILD_END}",{at_ns},{pid},{returncode}]\n')
