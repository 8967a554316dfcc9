"""The life of this process: its first record, its start-up phases, and its end.

Runtime: loaded in every traced process. Phases are kept as one moving boundary: each begins where the one before it
ended, so that they cover the start-up without gaps.

os.fork is never wrapped: the warning about threads would name our file. Forks are seen by at-fork handlers, registered
before anybody else's (when a .pth file is read, nothing that registers any has been imported): CPython runs `before`
last registered first and `after` first registered first, so ours enclose the fork itself. forks.py makes sense of them.
"""

import os
import sys
from _thread import get_ident, get_native_id
from time import process_time_ns, thread_time_ns

from mptrace.records import END, PHASE, PROCESS, QUOTA_FILE, READY, SCHEMA
from mptrace.runtime import clock, config, journal, preload
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded, undisturbed
from mptrace.runtime.journal import encode, quote, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    # CPU time, time waited for a CPU, minor and major page faults: so far, and as far as the kernel says.
    Usage = Sequence[int | None]

NAME = "lifecycle"
# The number of our own handler, the last of those before a fork.
FORK = -1
FORKS = "mptrace.runtime.forks"
# Bound before the host runs, and may replace them.
_register_at_fork = os.register_at_fork
_getpid, _getppid, _uname, _access = os.getpid, os.getppid, os.uname, os.access

# What other files of the runtime do before this process forks; see note_before_fork().
before_fork: "list[Callable[[], None]]" = []
# What they do in a forked child, to let go of what was the parent's.
in_child: "list[Callable[[], None]]" = []
# What they do when this process has become ready: markers of its start-up have had their use.
at_ready: "list[Callable[[], None]]" = []
# "This thread's start() reached the end of phase *name* at *at_ns*, or now": process_start's, where that is loaded.
boundary: "Callable[..., Any] | None" = None
# What they do at the end of each phase, and before this process's last word.
at_border: "list[Callable[[], None]]" = []
at_end: "list[Callable[[], None]]" = []
# atexit.register, once this process is watched: for what a process that leaves by os._exit() has no use for.
at_exit: "Any" = None
# How many garbage collections there were, and how long they took; None where nobody counts (patches/gc).
collections: "Any" = None
collecting_ns: "Any" = None
# How many of the journal's records tell of one: that is no progress of the host's.
collections_written = 0
# The exit status, once somebody has said it.
returncode: "int | None" = None
# The at-fork handlers of others by side, in the order in which they were registered, where they are to be timed.
fork_handlers: "dict[str, list[Any]] | None" = None
# When the handlers before a fork began: the number of each, its thread, the CPU time of that, and the moment.
fork_marks: "list[tuple[int, int, int, int]]" = []
_folder = began_by = ""
_pid = 0
_boundary_ns = 0
_boundary_usage: "Usage" = (0, 0, 0, 0)
_is_ready = _is_over = False
_is_watching = _is_noting = False
# forks.py, once it is loaded.
_loaded: "dict[str, Any]" = {}


def begin(folder: str, origin: str, boot_ns: int, fork_ns: int = 0) -> None:
    """Open the journal of this process image, whose tracing began at *boot_ns*, and write who it is. Raises OSError."""
    global _folder, began_by, _boundary_ns, _boundary_usage, _is_ready, _is_over, returncode
    # First of all, and the wait last: what this process may wait between them must not make it look younger.
    at_ns, cpu_ns = now_ns(), process_time_ns()
    counted = clock.counted("self")
    run_queue_ns = counted[1] or 0
    begin_ns, used = boot_ns, (cpu_ns, *counted[1:4])
    _boundary_ns, _boundary_usage = boot_ns, used
    if origin == "boot":
        # The exec was as long ago as this process has run or waited for a CPU (late by what it slept in reading files).
        begin_ns = min(boot_ns, now_ns() - (counted[0] or 0) - run_queue_ns)
    elif origin == "fork":
        # So was the moment when the kernel made it, while the parent was in fork().
        begin_ns = max(fork_ns, min(boot_ns, at_ns - cpu_ns - run_queue_ns))
        _boundary_ns, _boundary_usage = begin_ns, (0, 0, 0, 0)
    journal.open_new(folder)
    _folder, began_by = folder, origin
    _is_ready = _is_over = False
    returncode = None
    _write_header(origin, begin_ns, boot_ns, fork_ns, counted)
    if origin == "boot":
        write_phase("interpreter", begin_ns, boot_ns, (0, 0, 0, 0), used)


def begin_again(boot_ns: int, fork_ns: int) -> None:
    """Begin anew in a child, which was forked between *fork_ns* and *boot_ns*. Raises OSError."""
    begin(_folder, "fork", boot_ns, fork_ns)
    for let_go in in_child:
        let_go()


def watch() -> None:
    """Follow this process through its forks to its end."""
    global _is_watching, at_exit
    if not _is_watching:
        _is_watching = True
        at_exit = _borrow("atexit").register
        os.register_at_fork(
            before=marker(FORK),
            after_in_parent=undisturbed(NAME, _after_fork_in_parent),
            after_in_child=undisturbed(NAME, _after_fork_in_child),
        )
    at_exit(guarded(NAME, end))
    journal.after_untold_fork = guarded(NAME, lambda: load_forks().after_untold_fork())
    _watch_resources()


def marker(number: int) -> "Callable[[], None]":
    """Return an at-fork handler that notes that handler *number* begins.

    It is C all through: a signal that comes meanwhile is to be handled when the fork is over, by the parent alone.
    """
    calls = (number.__index__, get_ident, thread_time_ns, now_ns)
    return map(fork_marks.append, zip(*[iter(call, None) for call in calls], strict=False)).__next__


def note_before_fork(act: "Callable[[], None]") -> None:
    """Call *act* before each fork, for as long as it is in `before_fork`."""
    global _is_noting
    before_fork.append(act)
    if not _is_noting:
        _is_noting = True
        _register_at_fork(before=undisturbed(NAME, _before_fork))


def load_forks() -> "Any":
    """Return forks.py, which a process that never forks does without.

    Without an import: in a forked child, a thread that is no more might hold the lock of that for ever.
    """
    if FORKS not in _loaded:
        preload(("runtime/callers.py", "runtime/forks.py"))
        _loaded.setdefault(FORKS, sys.modules[FORKS])  # another thread may have been faster
    return _loaded[FORKS]


def phase(name: str, at_ns: int = 0, others: str = "") -> int:
    """Record that the start-up phase *name* ended at *at_ns*, or now; it began where the one before it ended.

    Return when that was. *others* are records of what happened in it, to be written with it. Once this process is
    ready, there are no more phases.
    """
    global _boundary_ns, _boundary_usage
    if _is_ready:
        return at_ns or now_ns()
    now, at_ns = usage(), at_ns or now_ns()
    write(at_ns, others + phase_record(name, _boundary_ns, at_ns, _boundary_usage, now))
    _boundary_ns, _boundary_usage = at_ns, now
    for act in at_border:
        act()
    return at_ns


def usage(task: str = "self", cpu_ns: "Callable[[], int]" = process_time_ns) -> "Usage":
    """Return what this process has used so far; with "thread-self" and thread_time_ns, what this thread has."""
    counted = clock.counted(task)
    return cpu_ns(), *counted[1:4]


def write_phase(name: str, begin_ns: int, end_ns: int, before: "Usage", after: "Usage", args: str = "{}") -> None:
    """Record a phase of this thread, at whose ends this much had been used; *args* is a JSON object."""
    write(end_ns, phase_record(name, begin_ns, end_ns, before, after, args))


def phase_record(name: str, begin_ns: int, end_ns: int, before: "Usage", after: "Usage", args: str = "{}") -> str:
    """Return the record of a phase of this thread; see write_phase()."""
    spent = [None if old is None or new is None else new - old for old, new in zip(before, after, strict=True)]
    return f'["{PHASE}",{journal.thread_id()},{begin_ns},{end_ns},"{name}",{_plain(spent)},{args}]\n'


def ready(cause: str, last_phase: str = "") -> None:
    """Record that this process is ready now; with that its *last_phase* ends."""
    global _is_ready
    at_ns = phase(last_phase) if last_phase else now_ns()
    _is_ready = True
    used = _plain(_boundary_usage if last_phase else usage())
    write(at_ns, f'["{READY}",{journal.thread_id()},{at_ns},"{cause}",{quote(_process_name())},{used}]\n')
    for act in at_ready:
        act()


def reopen() -> None:
    """Let the phases go on: what runs may not be ready before an initializer is done, or before it says so itself."""
    global _is_ready
    _is_ready = False


def end(code: "int | None" = None) -> None:
    """Write this process's last word, once; *code* is its exit status where that is known."""
    global _is_over
    journal.thread_id()  # which finds out whether this is the process that it was
    if _is_over or not journal.is_open():
        return
    _is_over = True
    for act in at_end:
        act()
    at_ns, status = now_ns(), returncode if code is None else code
    counts = _plain((journal.records, journal.recording_ns, *usage(), collections, collecting_ns))
    write(at_ns, f'["{END}",{at_ns},{encode(status)},{counts}]\n')


def _borrow(name: str) -> "Any":
    """Return the compiled-in module *name*. sys.modules stays as it was: the import is the host's to pay, and see."""
    module = sys.modules.get(name)
    if module is None:
        module = sys.modules["_frozen_importlib"]._builtin_from_name(name)
        del sys.modules[name]
    return module


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


def _write_header(origin: str, begin_ns: int, boot_ns: int, fork_ns: int, counted: "Sequence[int | None]") -> None:
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
        clock.namespace("pid"),
        clock.namespace("time"),
        sys.version.split()[0],
        sys.executable or "",
        config.ARGV,
        fork_ns,
        counted[2],
        counted[3],
        clock.ancestors(_pid, ppid, _folder) if origin == "boot" and not config.PART else (),
    )
    write(monotonic_ns, f'["{PROCESS}",{encode(values)[1:]}\n')


def _process_name() -> str:
    """Return the name that multiprocessing gave this process, or nothing: it is never imported in order to ask."""
    process = sys.modules.get("multiprocessing.process")
    return journal.text(getattr(getattr(process, "_current_process", None), "_name", ""))


def _before_fork() -> None:
    for act in before_fork:
        act()


def _after_fork_in_parent() -> None:
    end_ns, end_cpu_ns = now_ns(), thread_time_ns()
    load_forks().after_in_parent(end_ns, end_cpu_ns)


def _after_fork_in_child() -> None:
    boot_ns = now_ns()
    was_open = journal.is_open()
    journal.close()  # first of all: what goes wrong here must not be written into the parent's
    if was_open:
        load_forks().after_in_child(boot_ns)
    fork_marks.clear()
