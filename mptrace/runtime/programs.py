"""The programs that this process starts.

Runtime: loaded with the first of them. Nothing of subprocess is wrapped: a preexec_fn runs inside the call that forks.
Popen sets its `pid` to None when it begins and to a number when the program has been started, and `returncode` in the
end. The functions that start it become objects that say what is to be called when they are called: what says so has
returned by then.
"""

import os
import sys
from _thread import get_ident
from time import thread_time_ns

from mptrace.records import CHILD_END, INSTANT, PROGRAM
from mptrace.runtime import config, journal
from mptrace.runtime.attributes import SetWatch
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import write
from mptrace.runtime.patches.exec import command
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType
    from typing import Any

    # What time it is, and how long this thread has run.
    Moment = tuple[int, int]

NAME = "subprocess"
# What a status can be. Popen also sets sys.maxsize, for: somebody else has learned it.
STATUSES = range(-64, 256)
SIGCHLD = 17

_replacements: "list[Replacement]" = []
# For each thread: when the Popen() that it is in began, and when it called the kernel.
_begun: "dict[int, Moment]" = {}
_executed: "dict[int, Moment]" = {}
# The methods of Popen that start a program.
_starters: "list[CodeType]" = []


def install(subprocess: "ModuleType", popen: "type[Any]") -> None:
    """Record each program that *popen* starts, the Popen that *subprocess* was imported with."""
    _starters[:] = [getattr(popen, name).__code__ for name in ("_execute_child", "_posix_spawn")]
    _replacements.append(replace(subprocess, "_fork_exec", _make_border))
    _replacements.append(replace(os, "posix_spawn", _make_border))
    # The watch of `pid` takes the place of the one that brought us here: last, when all the rest is done.
    for name, note in (("returncode", _returncode_set), ("pid", pid_set)):
        _replacements.append(Replacement(popen, name, SetWatch(name, guarded(NAME, note))))


def uninstall() -> None:
    """Record no more."""
    while _replacements:
        _replacements.pop().restore()


def started(begin: "Moment", executed: "Moment", pid: int, program: "Any", argv: "Any", env: "Any") -> None:
    """Record that this thread has started *program*: it began then, and called the kernel then."""
    end_ns, end_cpu_ns = now_ns(), thread_time_ns()
    times = f"{begin[0]},{executed[0]},{end_ns},{executed[1] - begin[1]},{end_cpu_ns - executed[1]}"
    env = os.environ if env is None else env
    # Whoever makes a mapping of his own is not asked what is in it.
    is_told = type(env) not in (dict, type(os.environ)) or (config.MPTRACE in env and config.RUN in env)
    fields = f"{times},{pid},{command(program, argv)},{int(is_told)}"
    write(end_ns, f'["{PROGRAM}",{journal.thread_id()},{fields}]\n')


def pid_set(popen: "Any") -> None:
    """Note that a Popen begins, or has started its program."""
    ident = get_ident()
    pid = popen.pid
    if pid is None:
        _begun[ident] = now_ns(), thread_time_ns()
        return
    executed = _executed.pop(ident, None)
    if executed:
        begun = _begun.pop(ident, executed)
        # What was asked for, as it was executed: with the shell's name before it, for one.
        variables = get_frame(3).f_locals
        started(begun, executed, pid, variables["executable"], variables["args"], variables["env"])


class Border:
    """Stands for a function, and is not on the stack while that runs: calling it asks ``enter`` what to call."""

    def __init__(self, enter: "Callable[[], Any]") -> None:
        self.enter = enter

    def __reduce__(self) -> str:
        return str(self.__name__)  # type: ignore[attr-defined]

    @property
    def __call__(self) -> "Any":
        """The function itself."""
        return self.enter()


def _make_border(original: "Any") -> "Any":
    note = guarded(NAME, _executing)
    # Popen's call needs nobody else's wrapper of ours.
    unwrapped = getattr(original, "__wrapped__", original)

    def enter() -> "Any":
        return unwrapped if note() else original

    return Border(enter)


def _executing() -> bool:
    """Note that this thread calls the kernel, if it is a Popen that does."""
    if get_frame(4).f_code not in _starters:
        return False
    _executed[get_ident()] = now_ns(), thread_time_ns()
    return True


def _returncode_set(popen: "Any") -> None:
    at_ns = now_ns()
    returncode = popen.returncode
    if type(returncode) is not int or returncode not in STATUSES or _is_unknown(returncode):
        return
    line = f'["{CHILD_END}",{at_ns},{popen.pid},{returncode}]\n'
    if get_frame(4).f_code in _starters:
        line = f'{line}["{INSTANT}",{journal.thread_id()},{at_ns},"{NAME}","exec failed",{{"child_pid":{popen.pid}}}]\n'
    write(at_ns, line)


def _is_unknown(returncode: int) -> bool:
    """Return whether 0 only stands for a status that can no longer be had, because nobody has kept it."""
    is_ignored = sys.modules["_signal"].getsignal(SIGCHLD) == 1
    return returncode == 0 and (is_ignored or isinstance(sys.exc_info()[1], ChildProcessError))
