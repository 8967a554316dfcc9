"""The folder of a run, and what it says about the run.

Runtime: loaded in the root process only, which makes the folder that its children are told of; and by the launcher.
"""

import os
import sys
import time

from mptrace.records import QUOTA_FILE, RUN_FILE, SCHEMA
from mptrace.runtime import clock, config
from mptrace.runtime.journal import encode

LATEST = "latest"
VERSION = "0.1.0"
CGROUPS = "/sys/fs/cgroup"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


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
    quota = _cpu_quota()
    try:
        _write_new(f"{folder}/{RUN_FILE}", encode({**_description(folder, argv), "cpu_quota": quota}) + "\n")
    except FileExistsError:
        return
    if quota:
        _write_new(f"{folder}/{QUOTA_FILE}", f"{quota['cgroup']}/cpu.stat")


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
        "limits": _lines("/proc/self/limits"),
        "spans": config.spans(),
        "settings": {name: os.environ[name] for name in config.SETTINGS if name in os.environ},
        "dont_write_bytecode": sys.dont_write_bytecode,
    }


def _write_new(path: str, text: str) -> None:
    """Write a file that only this user may read. Raises OSError, FileExistsError where it is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _cpu_quota() -> "dict[str, object] | None":
    """Return the tightest limit on CPU time among those of this process's cgroup and of the ones around it, if any."""
    tightest, share = None, 0.0
    for folder in _cpu_cgroups():
        # Version 2 has both in one file, with the word max for no quota; version 1 says -1.
        words = " ".join(_lines(f"{folder}/cpu.max")).split() or [
            *_lines(f"{folder}/cpu.cfs_quota_us"), *_lines(f"{folder}/cpu.cfs_period_us"),
        ]  # fmt: skip
        if len(words) != 2 or not words[0].isdecimal() or not words[1].isdecimal():
            continue
        quota_us, period_us = map(int, words)
        if period_us and (tightest is None or quota_us / period_us < share):
            tightest = {"quota_us": quota_us, "period_us": period_us, "cgroup": folder}
            share = quota_us / period_us
    return tightest


def _cpu_cgroups() -> "Iterator[str]":
    """Yield the folders of this process's cgroup and of those around it that can be seen, as far as they hold CPUs.

    In a container the path may be that of another mount; what is there then is the root of ours (cgroups(7)).
    """
    for line in _lines("/proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = f"{CGROUPS}/cpu" if controllers else CGROUPS
        path = "" if "/.." in path else path.rstrip("/")
        while path:
            yield mount + path
            path = path.rpartition("/")[0]
        yield mount


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
