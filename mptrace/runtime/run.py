"""The folder of a run, and what it says about the run.

Runtime: loaded in the root process only, which makes the folder that its children are told of; and by the launcher.
"""

import os
import sys
import time

from mptrace.records import RUN_FILE, SCHEMA
from mptrace.runtime import clock
from mptrace.runtime.journal import encode

LATEST = "latest"
VERSION = "0.1.0"


def create(directory: str, pid: int) -> str:
    """Make the folder of a new run, whose root process is *pid*, and return its absolute path. Raises OSError."""
    directory = os.path.abspath(directory)
    second = int(time.time())
    while True:
        name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(second))}-{pid}"
        try:
            os.mkdir(f"{directory}/{name}", 0o700)
        except FileNotFoundError:
            os.makedirs(directory, 0o700, exist_ok=True)
        except FileExistsError:
            second += 1  # start() twice within a second, or a root with the same pid in another container
        else:
            _point_latest(directory, name)
            return f"{directory}/{name}"


def describe(folder: str, argv: "list[str]") -> None:
    """Write run.json, unless it is there: what was run, where, and what the machine allowed. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(f"{folder}/{RUN_FILE}", flags, 0o600)
    except FileExistsError:
        return
    try:
        os.write(descriptor, (encode(_description(folder, argv)) + "\n").encode())
    finally:
        os.close(descriptor)


def _description(folder: str, argv: "list[str]") -> "dict[str, object]":
    realtime_ns, monotonic_ns, boottime_ns = clock.anchor()
    return {
        "schema": SCHEMA,
        "id": folder.rpartition("/")[2],
        "mptrace": VERSION,
        "argv": argv,
        "cwd": _working_directory(),
        "python": sys.version.split()[0],
        "executable": sys.executable or "",
        "host": os.uname().nodename,
        "boot_id": "".join(_lines("/proc/sys/kernel/random/boot_id")),
        "realtime_ns": realtime_ns,
        "monotonic_ns": monotonic_ns,
        "boottime_ns": boottime_ns,
        "cpus": os.cpu_count() or 0,
        "affinity": len(os.sched_getaffinity(0)),
        "cgroup": _lines("/proc/self/cgroup"),
        "cpu_max": _lines("/sys/fs/cgroup/cpu.max"),
        "limits": _lines("/proc/self/limits"),
    }


def _lines(path: str) -> "list[str]":
    """Return the lines of a file of the kernel's, none where it has no such file."""
    try:
        return clock.read_file(path).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""  # it was removed


def _point_latest(directory: str, name: str) -> None:
    """Make ``latest`` point at the run. A run is whole without it, so a failure is none of the run's."""
    link = f"{directory}/{LATEST}"
    try:
        os.symlink(name, f"{link}-{name}")
        os.replace(f"{link}-{name}", link)
    except OSError:
        pass
