"""The launcher's own journal: what was seen of the run from outside.

Launcher. The same format as the journals of the traced processes (mptrace/records.py) and beside them, so that one
reader reads all.
"""

import json
import os
import time
from collections.abc import Sequence
from typing import Any

from mptrace.records import LAUNCHER, SCHEMA, SUFFIX

NAME = "launcher" + SUFFIX


class LauncherJournal:
    """An append-only file of records, one write each. Every method may raise OSError."""

    def __init__(self, folder: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(os.path.join(folder, NAME), flags, 0o600)
        self.records = 0

    def begin(self, program_pid: int, argv: Sequence[str], begin_ns: int) -> None:
        """Write the first record: who watches what."""
        clocks = [time.clock_gettime_ns(which) for which in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC)]
        boottime_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        host = os.uname().nodename
        self.write(LAUNCHER, SCHEMA, os.getpid(), program_pid, begin_ns, *clocks, boottime_ns, host, list(argv))

    def write(self, *record: Any) -> None:
        """Append one record: its kind, then its fields."""
        # As ASCII: an argument that is not valid Unicode holds lone surrogates, which UTF-8 has no bytes for.
        os.write(self._descriptor, json.dumps(record, separators=(",", ":")).encode() + b"\n")
        self.records += 1

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)
