"""One process by its own account, before its relations to others are known.

Offline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mptrace.records import CHILD_END, END, EXEC, PHASE, PROCESS, READY
from mptrace.trace import executions, programs
from mptrace.trace.events import Events
from mptrace.trace.executions import Execution
from mptrace.trace.instances import Instance
from mptrace.trace.model import Span
from mptrace.trace.reader import Warnings, read_records
from mptrace.trace.table import Shared, Table


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """What a process learned about the end of a child: an exit status, or minus a signal's number."""

    at_ns: int
    pid: int
    returncode: int


@dataclass(slots=True)
class Draft:
    """What one process recorded. ``ended_ns`` and ``returncode`` are its own last word, if it came to say it.

    ``became`` is the untraced program that it turned into, ``failed_ns`` when it learned of programs that could
    not be executed.
    """

    instance: Instance
    became: Execution | None = None
    events: Events = field(default_factory=Events)
    child_ends: list[ChildEnd] = field(default_factory=list)
    ends_of: dict[int, list[ChildEnd]] = field(default_factory=dict)
    failed_ns: set[int] = field(default_factory=set)
    said_name: str = ""
    run_ns: int | None = None
    initialized_ns: int | None = None
    declared_ns: int | None = None
    ended_ns: int | None = None
    returncode: int | None = None
    records: int = 0
    recording_ns: int = 0
    last_ns: int = 0

    @property
    def ready_ns(self) -> int | None:
        """When it was ready: where it said so itself (mptrace.ready()), or else when its initializer was done.

        Without an initializer that is before run(). A worker whose initializer was never done was never ready.
        """
        if self.declared_ns is not None:
            return self.declared_ns
        if self.initialized_ns is None and _first(self.events.spans, "initializer"):
            return None
        return self.run_ns if self.initialized_ns is None else self.initialized_ns

    @property
    def first_task_ns(self) -> int | None:
        """When a pool's worker received its first task."""
        task = _first(self.events.spans, "first task")
        return task.begin_ns if task else None


def _first(spans: Sequence[Span], name: str) -> Span | None:
    """Return the first of a pool's spans that has this name."""
    return next((span for span in spans if span.category == "pool" and span.name == name), None)


def read(instance: Instance, warnings: Warnings, shared: Shared) -> Draft:
    """Return what the journals of one process say. What others said too is taken from *shared*."""
    draft = Draft(instance, last_ns=instance.begin_ns)
    for image in instance.images:
        records = read_records(image.path, warnings)
        if image is not instance.images[0] and PHASE in records:
            records[PHASE] = executions.place_interpreter(records[PHASE], draft.became, image.header["argv"])
        draft.became = None
        draft.records += sum(map(len, records.values()))
        # A file that cannot be read a second time has only told who the process is.
        if records.get(PROCESS):
            draft.events.add(records, image.shift_ns, shared)
            _add_ready(draft, records[READY], image.shift_ns)
            _add_ends(draft, records[CHILD_END], records[END], image.shift_ns)
        if records.get(EXEC):
            draft.became, instants = executions.read(records, image.shift_ns)
            draft.events.instants += instants
        draft.last_ns = max(draft.last_ns, image.begin_ns)
    draft.events.sort()
    draft.failed_ns = programs.failed_ns(draft.events.instants)
    draft.last_ns = max(draft.last_ns, draft.events.last_ns(), draft.ended_ns or 0, draft.ready_ns or 0)
    return draft


def _add_ready(draft: Draft, ready: Table, shift_ns: int) -> None:
    for _, at_ns, cause, name, *_ in ready:
        if cause == "run":
            draft.said_name = name
            draft.run_ns = max(0, at_ns + shift_ns)
        elif cause == "initializer":
            draft.initialized_ns = max(0, at_ns + shift_ns)
        elif draft.declared_ns is None:
            draft.declared_ns = max(0, at_ns + shift_ns)


def _add_ends(draft: Draft, child_ends: Table, ends: Table, shift_ns: int) -> None:
    for at_ns, pid, returncode in child_ends:
        if returncode is not None:
            end = ChildEnd(max(0, at_ns + shift_ns), pid, returncode)
            draft.child_ends.append(end)
            draft.ends_of.setdefault(pid, []).append(end)
    # Of several (tracing was stopped, and started again) the last is the last word.
    for at_ns, returncode, _, recording_ns, *_ in ends:
        draft.ended_ns = max(0, at_ns + shift_ns)
        draft.returncode = returncode
        draft.recording_ns += recording_ns
