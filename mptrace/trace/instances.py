"""Which journals are one process, and where it stands on the trace's time line.

Offline. A process that was forked and then executed another program has two journals, of one pid and one start time.
The same pid with another start time is another process: pids are used again. Processes of one host share a clock;
other hosts, and time namespaces, are set beside it by the time of day that each process read as it began.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mptrace.records import LAUNCHER
from mptrace.trace.reader import Header

# Where a clock is the same: host, boot, time namespace.
Domain = tuple[str, str, int]
# What the kernel counts start times in (USER_HZ, the same on every architecture that Python is built for on Linux).
TICK_NS = 10_000_000
SYNTHETIC_PIDS = 10_000_000  # above the largest pid that Linux gives out (4,194,304)


@dataclass(frozen=True, slots=True)
class Image:
    """One journal: a process between fork or exec and the next exec. Times are the trace's, ``shift_ns`` added."""

    path: Path
    header: Mapping[str, Any]
    shift_ns: int
    begin_ns: int

    @property
    def booted_ns(self) -> int:
        """When its tracing began. An executed program may believe that it began before the one that executed it."""
        return int(self.header["boot_ns"]) + self.shift_ns

    @property
    def is_forked(self) -> bool:
        """Whether it began as a copy of its parent, whose command line it has."""
        return bool(self.header["origin"] == "fork")


@dataclass(slots=True)
class Instance:
    """One OS process, all its images. ``pid`` is unique in the trace; ``born_ns`` is when the kernel made it."""

    pid: int
    images: list[Image]
    born_ns: int = 0
    space: tuple[str, int] = field(init=False)

    def __post_init__(self) -> None:
        header = self.images[0].header
        # A pid means something on one host, in one pid namespace.
        self.space = (header["host"], header["pid_namespace"])
        self.born_ns = _born_ns(self.images[0])

    @property
    def os_pid(self) -> int:
        """What the kernel called it."""
        return int(self.images[0].header["pid"])

    @property
    def begin_ns(self) -> int:
        """Its first sign of life."""
        return self.images[0].begin_ns


@dataclass(frozen=True, slots=True)
class Placed:
    """Every process of the trace, and what makes any host's clock the trace's."""

    origin_ns: int
    instances: Sequence[Instance]
    shifts_ns: Mapping[Domain, int]


def place(headers: Sequence[Header], boot_ids: Mapping[Path, str]) -> Placed:
    """Return the processes in the order in which they began. *boot_ids* says in which boot each folder was written."""
    processes = [header for header in headers if header.kind != LAUNCHER]
    shifts_ns = _shifts(processes, boot_ids)
    begins_ns = [header.image["begin_ns"] + shifts_ns[domain(header, boot_ids)] for header in processes]
    origin_ns = min(begins_ns, default=0)
    shifts_ns = {where: shift_ns - origin_ns for where, shift_ns in shifts_ns.items()}
    images = []
    for header in processes:
        shift_ns = shifts_ns[domain(header, boot_ids)]
        images.append(Image(header.path, header.image, shift_ns, header.image["begin_ns"] + shift_ns))
    images.sort(key=lambda image: (image.booted_ns, image.path.name))
    return Placed(origin_ns, _instances(images), shifts_ns)


def domain(header: Header, boot_ids: Mapping[Path, str]) -> Domain:
    """Return which clock the header's times are read from."""
    image = header.image
    return image["host"], boot_ids.get(header.path.parent, ""), image.get("time_namespace", 0)


def _shifts(headers: Iterable[Header], boot_ids: Mapping[Path, str]) -> dict[Domain, int]:
    """Return what to add to each domain's times to get those of the first one, which is that of the first process.

    Of the many anchors of a domain the earliest is used: one for all, so that its processes stay as they were to each
    other even if the time of day was set in between.
    """
    anchors: dict[Domain, Mapping[str, Any]] = {}
    for header in sorted(headers, key=lambda header: (int(header.image["realtime_ns"]), header.path.name)):
        anchors.setdefault(domain(header, boot_ids), header.image)
    offsets = {where: image["realtime_ns"] - image["monotonic_ns"] for where, image in anchors.items()}
    first_ns = next(iter(offsets.values()), 0)
    return {where: offset_ns - first_ns for where, offset_ns in offsets.items()}


def _instances(images: Iterable[Image]) -> list[Instance]:
    """Group images, given in the order in which they booted, into processes, and give each a pid of its own."""
    latest: dict[tuple[Any, ...], list[Image]] = {}
    groups: list[list[Image]] = []
    for image in images:
        key = tuple(image.header[name] for name in ("host", "pid_namespace", "pid", "start_ticks"))
        # A fork makes a process, always: the same pid within one tick of the clock is another one nevertheless.
        if key in latest and not image.is_forked:
            latest[key].append(image)
            continue
        latest[key] = [image]
        groups.append(latest[key])
    groups.sort(key=lambda group: (group[0].begin_ns, group[0].path.name))
    taken: set[int] = set()
    instances: list[Instance] = []
    for group in groups:
        pid = group[0].header["pid"]
        while pid in taken:
            pid += SYNTHETIC_PIDS
        taken.add(pid)
        instances.append(Instance(pid, group))
    return instances


def _born_ns(image: Image) -> int:
    """Return when the kernel made the process, to a tick, or else its first sign of life.

    An interpreter that has waited for a slow disk gives its first sign of life long after it was made.
    """
    header = image.header
    if not header["start_ticks"]:
        return image.begin_ns
    slept_ns = int(header["boottime_ns"]) - int(header["monotonic_ns"])
    return min(image.begin_ns, int(header["start_ticks"]) * TICK_NS - slept_ns + image.shift_ns)
