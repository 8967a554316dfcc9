"""What the launcher saw of the run from outside.

Offline. It keeps a journal beside those of the processes: samples of their memory and CPU time, and how the program
ended. It knows the host's pids only, so a pid means whoever had it on that host at that moment.
"""

from collections.abc import Mapping
from pathlib import Path

from mptrace.records import CHILD_END, FAILURE, SAMPLE
from mptrace.trace.draft import ChildEnd
from mptrace.trace.instances import Placed, domain
from mptrace.trace.kinship import Registry
from mptrace.trace.model import Counter
from mptrace.trace.reader import Header, Warnings, read_records


def add(
    header: Header, registry: Registry, placed: Placed, boot_ids: Mapping[Path, str], warnings: Warnings
) -> dict[int, ChildEnd]:
    """Give each process the counters that the launcher took of it. Return how those ended whose end it saw."""
    records = read_records(header.path, warnings)
    for _, what, error in records.get(FAILURE, ()):
        warnings.add(header.path, f"{what} stopped: {error}")
    host, boot_id, _ = domain(header, boot_ids)
    # It runs where the program does, but does not say in which time namespace.
    shifts_ns = [shift_ns for where, shift_ns in placed.shifts_ns.items() if where[:2] == (host, boot_id)]
    if not shifts_ns:
        return {}
    sampled: dict[int, list[Counter]] = {}
    for at_ns, pid, name, values in records.get(SAMPLE, ()):
        counter = Counter(name, max(0, at_ns + shifts_ns[0]), values)
        draft = registry.at(host, pid, counter.at_ns)
        if draft:
            sampled[draft.instance.pid] = draft.events.counters
            draft.events.counters.append(counter)
    for counters in sampled.values():
        counters.sort(key=lambda counter: counter.at_ns)
    ends: dict[int, ChildEnd] = {}
    for at_ns, pid, returncode in records.get(CHILD_END, ()):
        if returncode is None:
            continue
        end = ChildEnd(max(0, at_ns + shifts_ns[0]), pid, returncode)
        draft = registry.at(host, pid, end.at_ns)
        if draft:
            ends[draft.instance.pid] = end
    return ends
