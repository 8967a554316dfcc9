"""Memory and CPU of the traced processes, seen from outside.

Launcher. Only processes that keep a journal in the run's folder are looked at: listing one folder is much cheaper
than searching the whole system for descendants, finds those whose parent is gone, and the trace shows no others.
Private memory proper (smaps_rollup) is not read: the kernel holds up the process while it counts.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from mptrace.launcher.journal import LauncherJournal
from mptrace.records import FAILURE, SAMPLE, SUFFIX

INTERVAL_SECONDS = 0.05
# The sampler rests at least this many times as long as it worked, so that it never takes over 3 % of one CPU.
REST = 30
NICENESS = 10
POLL_SECONDS = 0.01


class Sampler:
    """A thread that looks at the processes of one run until it is stopped."""

    def __init__(self, folder: str, journal: LauncherJournal) -> None:
        self._folder = folder
        self._journal = journal
        self._seen: set[str] = set()
        self._alive: dict[int, psutil.Process] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mptrace-sampler", daemon=True)
        self.sampling_ns = 0

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self, grace_seconds: float) -> None:
        """Stop sampling, and give processes that are still alive a moment to end: helpers outlive the program a bit."""
        self._stopping.set()
        self._thread.join()
        with suppress(OSError):
            self._find()
        until_ns = time.monotonic_ns() + round(grace_seconds * 1e9)
        while any(map(_is_alive, self._alive.values())) and time.monotonic_ns() < until_ns:
            time.sleep(POLL_SECONDS)

    def sample(self) -> None:
        """Look once at every process that has a journal. Raises OSError when that cannot be written down."""
        self._find()
        for pid, process in list(self._alive.items()):
            try:
                for name, values in _values(process):
                    self._journal.write(SAMPLE, time.monotonic_ns(), pid, name, values)
            except psutil.Error:
                del self._alive[pid]  # it has ended, or has become another user's

    def _run(self) -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        rest_seconds = INTERVAL_SECONDS
        while not self._stopping.wait(rest_seconds):
            begin_ns = time.monotonic_ns()
            try:
                self.sample()
            except OSError as error:
                # The folder is gone or the disk is full. The program goes on; the trace says why samples end here.
                with suppress(OSError):
                    self._journal.write(FAILURE, begin_ns, "sampler", str(error))
                return
            spent_ns = time.monotonic_ns() - begin_ns
            self.sampling_ns += spent_ns
            rest_seconds = max(INTERVAL_SECONDS, REST * spent_ns / 1e9)

    def _find(self) -> None:
        """Add the processes that have begun a journal since the last time."""
        for name in os.listdir(self._folder):
            pid = name.partition("-")[0]
            if name in self._seen or not name.endswith(SUFFIX) or not pid.isdecimal():
                continue
            self._seen.add(name)
            with suppress(psutil.Error):
                self._alive[int(pid)] = psutil.Process(int(pid))


def _values(process: psutil.Process) -> Iterator[tuple[str, dict[str, int]]]:
    """Read the counters of one process, from three files of the kernel's; it waits for a CPU in its main thread."""
    with process.oneshot():
        if process.status() == psutil.STATUS_ZOMBIE:
            raise psutil.ZombieProcess(process.pid)
        memory = process.memory_info()
        times = process.cpu_times()
    # Pages that no file backs. Those that a forked child still shares with its parent count in both.
    yield "memory", {"rss": memory.rss, "anonymous": memory.rss - memory.shared}
    cpu = {"on_cpu_ns": round((times.user + times.system) * 1e9)}
    with suppress(OSError, IndexError):  # not every kernel keeps it
        cpu["runqueue_ns"] = int(Path(f"/proc/{process.pid}/schedstat").read_text(encoding="ascii").split()[1])
    yield "cpu", cpu


def _is_alive(process: psutil.Process) -> bool:
    """Return whether it still runs. A zombie may stay one for long where the init of a container reaps nobody."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
