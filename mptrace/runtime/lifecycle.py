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

from mptrace.records import END, PHASE, PROCESS, QUOTA_FILE, READY, SCHEMA
from mptrace.runtime import clock, config, journal, preload
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import encode, quote, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    # CPU time, time waited for a CPU, minor and major page faults: so far, and as far as the kernel says.
    Usage = Sequence[int | None]

NAME = "lifecycle"
# Bound before the host runs, and may replace them.
_getpid, _getppid, _uname, _stat, _access = os.getpid, os.getppid, os.uname, os.stat, os.access

# What other files of the runtime do in a forked child, to let go of what was the parent's.
in_child: "list[Callable[[], None]]" = []
# What they do when this process has become ready: markers of its start-up have had their use.
at_ready: "list[Callable[[], None]]" = []
# "This thread's start() reached the end of phase *name* at *at_ns*, or now": process_start's, where that is loaded.
boundary: "Callable[..., Any] | None" = None
# What they do at the end of each phase, and before this process's last word.
at_border: "list[Callable[[], None]]" = []
at_end: "list[Callable[[], None]]" = []
# How many garbage collections there were, and how long they took; None where nobody counts (patches/gc).
collections: "Any" = None
collecting_ns: "Any" = None
# The exit status, once somebody has said it.
returncode: "int | None" = None
_folder = ""
_pid = 0
_boundary_ns = 0
_boundary_usage: "Usage" = (0, 0, 0, 0)
_fork_ns = 0
_fork_usage: "Usage" = (0, 0, 0, 0)
_is_ready = False
_is_over = False
_is_watching = False


def begin(folder: str, origin: str, boot_ns: int) -> None:
    """Open the journal of this process image, whose tracing began at *boot_ns*, and write who it is. Raises OSError."""
    global _folder, _boundary_ns, _boundary_usage, _is_ready, _is_over, returncode
    journal.open_new(folder)
    _folder = folder
    counted = _counted("self")
    begin_ns, used = boot_ns, (process_time_ns(), *counted[1:4])
    if origin == "boot":
        # The exec was as long ago as this process has run or waited for a CPU (late by what it slept in reading files).
        begin_ns = min(boot_ns, now_ns() - (counted[0] or 0) - (counted[1] or 0))
    _boundary_ns, _boundary_usage = boot_ns, used
    _is_ready = _is_over = False
    returncode = None
    _write_header(origin, begin_ns, boot_ns, counted)
    if origin == "boot":
        write_phase("interpreter", begin_ns, boot_ns, (0, 0, 0, 0), used)


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
    _watch_resources()


def phase(name: str, at_ns: int = 0) -> None:
    """Record that the start-up phase *name* ended at *at_ns*, or now; it began where the one before it ended."""
    _reach(name, at_ns)


def usage(task: str = "self", cpu_ns: "Callable[[], int]" = process_time_ns) -> "Usage":
    """Return what this process has used so far; with "thread-self" and thread_time_ns, what this thread has."""
    return cpu_ns(), *_counted(task)[1:4]


def write_phase(name: str, begin_ns: int, end_ns: int, before: "Usage", after: "Usage", args: str = "{}") -> None:
    """Record a phase of this thread, at whose ends this much had been used; *args* is a JSON object."""
    spent = [None if old is None or new is None else new - old for old, new in zip(before, after, strict=True)]
    write(end_ns, f'["{PHASE}",{journal.thread_id()},{begin_ns},{end_ns},"{name}",{_plain(spent)},{args}]\n')


def ready(cause: str, last_phase: str = "") -> None:
    """Record that this process is ready now; with that its *last_phase* ends."""
    global _is_ready
    at_ns = _reach(last_phase) if last_phase else now_ns()
    _is_ready = True
    used = _plain(_boundary_usage if last_phase else usage())
    write(at_ns, f'["{READY}",{journal.thread_id()},{at_ns},"{cause}",{quote(_process_name())},{used}]\n')
    for act in at_ready:
        act()


def reopen() -> None:
    """Let the phases go on: a pool's worker runs, but is not ready before its initializer is done."""
    global _is_ready
    _is_ready = False


def end(code: "int | None" = None) -> None:
    """Write this process's last word, once; *code* is its exit status where that is known."""
    global _is_over
    if _is_over or not journal.is_open():
        return
    _is_over = True
    for act in at_end:
        act()
    at_ns = now_ns()
    status = returncode if code is None else code
    counts = _plain((journal.records, journal.recording_ns, *usage(), collections, collecting_ns))
    write(at_ns, f'["{END}",{at_ns},{encode(status)},{counts}]\n')


def _reach(name: str, at_ns: int = 0) -> int:
    """Move the boundary to the end of a phase, and return when that was. Once ready, there are no more phases."""
    global _boundary_ns, _boundary_usage
    now = usage()
    at_ns = at_ns or now_ns()
    if not _is_ready:
        write_phase(name, _boundary_ns, at_ns, _boundary_usage, now)
        _boundary_ns, _boundary_usage = at_ns, now
        for act in at_border:
            act()
    return at_ns


def _borrow(name: str) -> "Any":
    """Return the compiled-in module *name*. sys.modules stays as it was: the import is the host's to pay, and see."""
    module = sys.modules.get(name)
    if module is None:
        module = sys.modules["_frozen_importlib"]._builtin_from_name(name)
        del sys.modules[name]
    return module


def _counted(task: str) -> "Sequence[int | None]":
    """Return the kernel's counts of a task: ns on a CPU, ns waiting for one, minor and major faults, start in ticks.

    From schedstat (Documentation/scheduler/sched-stats.rst), which speaks of a process's main thread, and fields 10,
    12 and 22 of stat (proc_pid_stat(5)), after a command name that may hold anything.
    """
    counted: list[int | None] = []
    for file, places in (("schedstat", (0, 1)), ("stat", (7, 9, 19))):
        try:
            fields = clock.read_file(f"/proc/{task}/{file}").rpartition(b")")[2].split(None, 20)
            counted += [int(fields[place]) for place in places]
        except (OSError, ValueError, IndexError):
            counted += [None] * len(places)
    return counted


def _plain(numbers: "Sequence[int | None]") -> str:
    """Return numbers, or None, as JSON, in a third of the time that encode() takes."""
    return str(numbers)[1:-1].replace("None", "null")


def _watch_resources() -> None:
    """Load what reads more of the kernel's files, where that was asked for or there is something to read."""
    if config.is_memory_wanted():
        preload(("runtime/memory.py",))
        from mptrace.runtime import memory

        memory.sample()
    quota_file = f"{_folder}/{QUOTA_FILE}"
    if _access(quota_file, os.F_OK):
        preload(("runtime/throttling.py",))
        from mptrace.runtime import throttling

        throttling.follow(quota_file)


def _write_header(origin: str, begin_ns: int, boot_ns: int, counted: "Sequence[int | None]") -> None:
    global _pid
    realtime_ns, monotonic_ns, boottime_ns = clock.anchor()
    ppid = _getppid()
    if origin == "fork" and ppid:
        ppid = _pid  # whoever forked this process may be gone by now, and the kernel name another
    _pid = _getpid()
    values = (
        SCHEMA,
        origin,
        _pid,
        ppid,
        counted[4] or 0,
        begin_ns,
        boot_ns,
        get_native_id(),
        realtime_ns,
        monotonic_ns,
        boottime_ns,
        counted[0] or 0,
        counted[1] or 0,
        _uname().nodename,
        _namespace("pid"),
        _namespace("time"),
        sys.version.split()[0],
        sys.executable or "",
        sys.orig_argv,
        _fork_ns if origin == "fork" else 0,
        counted[2],
        counted[3],
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
    global _fork_ns, _fork_usage
    _fork_ns, _fork_usage = now_ns(), usage()


def _after_fork_in_parent() -> None:
    write_phase("fork", _fork_ns, now_ns(), _fork_usage, usage())


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
