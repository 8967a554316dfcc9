"""Machines that never were, with clocks of their own: what the journals of tests are dated by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MS = 1_000_000
MOMENT_NS = 5_000_000 * MS


def used(cpu: float, waited: float, minor: int, major: int = 0) -> dict[str, int]:
    """Return what a process has used so far: time on a CPU and waiting for one, page faults."""
    times = {"on_cpu_ns": round(cpu * MS), "run_queue_ns": round(waited * MS)}
    return {**times, "minor_faults": minor, "major_faults": major}


# What a process uses where the kernel does not say.
UNKNOWN: Mapping[str, Any] = dict.fromkeys(used(0, 0, 0))


@dataclass(frozen=True)
class Host:
    """A machine with clocks of its own; ``moment_ns`` of its monotonic clock is when the run began everywhere."""

    name: str = "alpha"
    moment_ns: int = MOMENT_NS
    realtime_ns: int = 1_700_000_000_000 * MS
    suspended_ns: int = 0
    time_namespace: int = 4026531834
    pid_namespace: int = 4026531836

    @property
    def names(self) -> dict[str, Any]:
        """What its processes say of where they are."""
        spaces = {"pid_namespace": self.pid_namespace, "time_namespace": self.time_namespace}
        return {"host": self.name, **spaces}

    def at(self, ms: float) -> int:
        """Return a moment of the run on this host's monotonic clock."""
        return self.moment_ns + round(ms * MS)


ALPHA = Host()
