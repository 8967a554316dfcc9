"""The life of this process: its first record, its start-up phases, its forks, and its end.

Runtime: loaded in every traced process. Phases are kept as one moving boundary: each begins where the one before it
ended, so that they cover the start-up without gaps. At-fork handlers of ours are registered before anybody else's:
CPython runs `before` last registered first and `after` first registered first, so ours bracket the fork itself.
os.fork is never wrapped: the warning about threads would name our file.
"""

import os
import sys
from _thread import get_native_id
from time import process_time_ns

from mptrace.records import END, PHASE, PROCESS, READY, SCHEMA
from mptrace.runtime import clock, journal
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import encode, quote, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NAME = "lifecycle"
# Bound before the host runs, and may replace them.
_getpid, _getppid, _uname, _stat = os.getpid, os.getppid, os.uname, os.stat

# What other files of the runtime do in a forked child, to let go of what was the parent's.
in_child: "list[Callable[[], None]]" = []
# What they do when this process has become ready: markers of its start-up have had their use.
at_ready: "list[Callable[[], None]]" = []
# The exit status, once somebody has said it.
returncode: "int | None" = None
_folder = ""
_boundary_ns = 0
_boundary_cpu_ns = 0
_fork_ns = _fork_cpu_ns = 0
_is_ready = False
_is_over = False
_is_watching = False


def begin(folder: str, origin: str, boot_ns: int) -> None:
    """Open the journal of this process image, whose tracing began at *boot_ns*, and write who it is. Raises OSError."""
    global _folder, _boundary_ns, _boundary_cpu_ns, _is_ready, _is_over, returncode
    journal.open_new(folder)
    _folder = folder
    on_cpu_ns, run_queue_ns = clock.scheduled()
    begin_ns = boot_ns
    if origin == "boot":
        # The exec was as long ago as this process has run or waited for a CPU (late by what it slept in reading files).
        begin_ns = min(boot_ns, now_ns() - on_cpu_ns - run_queue_ns)
    _boundary_ns = begin_ns
    _boundary_cpu_ns = 0 if origin == "boot" else process_time_ns()
    _is_ready = _is_over = False
    returncode = None
    _write_header(origin, begin_ns, boot_ns, on_cpu_ns, run_queue_ns)
    if origin == "boot":
        phase("interpreter", boot_ns)


def watch() -> None:
    """Follow this process through its forks to its end."""
    global _is_watching
    if not _is_watching:
        _is_watching = True
        os.register_at_fork(
            before=guarded(NAME, _before_fork),
            after_in_parent=guarded(NAME, _after_fork_in_parent),
            after_in_child=guarded(NAME, _after_fork_in_child),
        )
    _borrow("atexit").register(guarded(NAME, end))


def phase(name: str, at_ns: int = 0) -> None:
    """Record that the start-up phase *name* ended at *at_ns*, or now; it began where the one before it ended."""
    global _boundary_ns, _boundary_cpu_ns
    if _is_ready:
        return
    at_ns, cpu_ns = at_ns or now_ns(), process_time_ns()
    tid, spent_ns = journal.thread_id(), cpu_ns - _boundary_cpu_ns
    write(at_ns, f'["{PHASE}",{tid},{_boundary_ns},{at_ns},"{name}",{spent_ns}]\n')
    _boundary_ns, _boundary_cpu_ns = at_ns, cpu_ns


def ready(cause: str) -> None:
    """Record that this process is ready now."""
    global _is_ready
    at_ns = now_ns()
    _is_ready = True
    write(at_ns, f'["{READY}",{journal.thread_id()},{at_ns},"{cause}",{quote(_process_name())}]\n')
    for act in at_ready:
        act()


def end(code: "int | None" = None) -> None:
    """Write this process's last word, once; *code* is its exit status where that is known."""
    global _is_over
    if _is_over or not journal.is_open():
        return
    _is_over = True
    at_ns = now_ns()
    status = returncode if code is None else code
    write(at_ns, f'["{END}",{at_ns},{encode(status)},{journal.records},{journal.recording_ns}]\n')


def _borrow(name: str) -> "Any":
    """Return the compiled-in module *name*. sys.modules stays as it was: the import is the host's to pay, and see."""
    module = sys.modules.get(name)
    if module is None:
        module = sys.modules["_frozen_importlib"]._builtin_from_name(name)
        del sys.modules[name]
    return module


def _write_header(origin: str, begin_ns: int, boot_ns: int, on_cpu_ns: int, run_queue_ns: int) -> None:
    realtime_ns, monotonic_ns, boottime_ns = clock.anchor()
    pid = _getpid()
    values = (
        SCHEMA,
        origin,
        pid,
        _getppid(),
        clock.start_ticks(),
        begin_ns,
        boot_ns,
        get_native_id(),
        realtime_ns,
        monotonic_ns,
        boottime_ns,
        on_cpu_ns,
        run_queue_ns,
        _uname().nodename,
        _namespace("pid"),
        _namespace("time"),
        sys.version.split()[0],
        sys.executable or "",
        sys.orig_argv,
    )
    write(monotonic_ns, f'["{PROCESS}",{encode(values)[1:]}\n')


def _namespace(kind: str) -> int:
    try:
        return _stat(f"/proc/self/ns/{kind}").st_ino
    except OSError:
        return 0


def _process_name() -> str:
    """Return the name that multiprocessing gave this process, or nothing: it is never imported in order to ask."""
    process = sys.modules.get("multiprocessing.process")
    return str(getattr(getattr(process, "_current_process", None), "_name", ""))


def _before_fork() -> None:
    global _fork_ns, _fork_cpu_ns
    _fork_ns, _fork_cpu_ns = now_ns(), process_time_ns()


def _after_fork_in_parent() -> None:
    at_ns, cpu_ns = now_ns(), process_time_ns()
    tid, spent_ns = journal.thread_id(), cpu_ns - _fork_cpu_ns
    write(at_ns, f'["{PHASE}",{tid},{_fork_ns},{at_ns},"fork",{spent_ns}]\n')


def _after_fork_in_child() -> None:
    """Begin a journal of the child's own. What goes wrong here must not be written into the parent's."""
    boot_ns = now_ns()
    was_open = journal.is_open()
    journal.close()
    if not was_open:
        return
    try:
        begin(_folder, "fork", boot_ns)
    except OSError:
        return  # the folder is gone, or this process may not write there any more
    for let_go in in_child:
        let_go()
