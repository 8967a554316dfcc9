"""The clock of every record, and what ties it to other processes and hosts.

Runtime: loaded in every traced process. CLOCK_MONOTONIC is the same for all processes of a boot, so children can be
placed on their parent's time line without any exchange. One reading of the other clocks per process (the anchor)
lets the merge align hosts and notice suspends and time namespaces.
"""

import _thread
import sys
import time
from os import O_CLOEXEC, O_RDONLY
from os import close as _close
from os import open as _open
from os import read as _read
from os import stat as _stat

# Bound here, before the host runs, so that a host that replaces time.*, os.* or _thread.* (freezegun, pyfakefs, gevent)
# changes nothing.
now_ns = time.monotonic_ns
_clock_ns = time.clock_gettime_ns
get_frame = sys._getframe
get_ident = _thread.get_ident
# Make, the shell that it starts, and the one that runs make.
MOST_ANCESTORS = 4


def anchor() -> "tuple[int, int, int]":
    """Return (realtime_ns, monotonic_ns, boottime_ns), read one right after the other."""
    return _clock_ns(time.CLOCK_REALTIME), now_ns(), _clock_ns(time.CLOCK_BOOTTIME)


def counted(task: str) -> "list[int | None]":
    """Return the kernel's counts of a task: ns on a CPU, ns waiting for one, minor and major faults, start in ticks.

    From schedstat (Documentation/scheduler/sched-stats.rst), which speaks of a process's main thread, and fields 10,
    12 and 22 of stat (proc_pid_stat(5)), after a command name that may hold anything.
    """
    numbers: list[int | None] = []
    # A wait belongs to the phase that the clock says: schedstat comes last, so that the clock is read right after it.
    for file, places in (("stat", (7, 9, 19)), ("schedstat", (0, 1))):
        try:
            fields = read_file(f"/proc/{task}/{file}").rpartition(b")")[2].split(None, 20)
            numbers += [int(fields[place]) for place in places]
        except (OSError, ValueError, IndexError):
            numbers += [None] * len(places)
    return numbers[3:] + numbers[:3]


def ancestors(pid: int, ppid: int, folder: str) -> "list[int]":
    """Return the parent of *ppid*, its parent, and so on, as far as the root of the run in *folder*; a few at most.

    The parent of *pid* may be a shell that os.system() has started, of which nobody knows but the kernel.
    """
    root = folder.rpartition("-")[2]
    found: list[int] = []
    while ppid > 1 and root not in (str(pid), str(ppid)) and len(found) < MOST_ANCESTORS:
        try:
            ppid = int(read_file(f"/proc/{ppid}/stat").rpartition(b")")[2].split(None, 2)[1])
        except (OSError, ValueError, IndexError):
            break
        found.append(ppid)
    return found


def namespace(kind: str) -> int:
    """Return the number of this process's *kind* of namespace (namespaces(7)), 0 where unknown."""
    try:
        return _stat(f"/proc/self/ns/{kind}").st_ino
    except OSError:
        return 0


def read_file(path: str) -> bytes:
    """Return the first 4 KiB of a file of the kernel's. Raises OSError."""
    descriptor = _open(path, O_RDONLY | O_CLOEXEC)
    try:
        return _read(descriptor, 4096)
    finally:
        _close(descriptor)
