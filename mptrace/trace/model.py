"""What a trace consists of.

Offline. Plain frozen values that know nothing of files: the merge builds them once, everything after that only reads
them. All times are nanoseconds since the run began (``Trace.origin_ns`` is that moment on the clock of the first
host), so that parents, children and hosts compare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Role = Literal[
    "main", "process", "pool-worker", "executor-worker", "manager", "forkserver", "resource-tracker", "subprocess"
]
StartMethod = Literal["root", "fork", "spawn", "forkserver", "subprocess"]
Side = Literal["parent", "child"]


@dataclass(frozen=True, slots=True)
class Span:
    """A named interval on one thread; ``end_ns`` is None when it was never finished."""

    category: str
    name: str
    tid: int
    begin_ns: int
    end_ns: int | None
    args: Mapping[str, Any] = field(default_factory=dict)


class Import(NamedTuple):
    """One module executed, or looked for in vain.

    It was found in [begin_ns, load_ns), loaded in [load_ns, exec_ns), executed in [exec_ns, end_ns). A moment that
    did not occur is None: a namespace package is never executed, what was never found was never loaded.

    A tuple, because a trace may hold a million.
    """

    module: str
    tid: int
    begin_ns: int
    end_ns: int | None
    importer: str
    line: int
    loader: str
    load_ns: int | None
    compile_ns: int | None
    exec_ns: int | None
    wait_ns: int
    holder_tid: int | None
    is_failed: bool


@dataclass(frozen=True, slots=True)
class Start:
    """One call in the parent that starts a process; ``child_pid`` is the OS pid, None when it never got one.

    It is Process.start(), or where ``start_method`` is subprocess the start of the program ``argv``, shortened, whose
    executable is ``program``. ``is_told``: the program's environment leads to this run. ``is_chosen`` is False where
    nobody had asked for the start method by name. ``file`` and ``line`` are where the call stands, empty if not known.
    """

    process_name: str
    start_method: str
    target: str
    tid: int
    begin_ns: int
    end_ns: int | None
    child_pid: int | None
    program: str = ""
    argv: tuple[str, ...] = ()
    is_told: bool = True
    is_chosen: bool = True
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Phase:
    """One stage of start-up. What was used in it: by the process in a child, by the thread in a parent.

    ``run_queue_ns`` is the time waited for a CPU; it and the page faults are None where the kernel does not say.
    """

    name: str
    side: Side
    tid: int
    begin_ns: int
    end_ns: int
    cpu_ns: int
    run_queue_ns: int | None = None
    minor_faults: int | None = None
    major_faults: int | None = None
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instant:
    """A point event."""

    category: str
    name: str
    tid: int
    at_ns: int
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counter:
    """Values sampled at one moment."""

    name: str
    at_ns: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Faults:
    """Page faults: those that only needed memory, or a copy of a shared page, and those that waited for a disk."""

    minor: int
    major: int


@dataclass(frozen=True, slots=True)
class ThreadStack:
    """Where a thread was: file:line function, the innermost first. ``tid`` is 0 where it is not known."""

    tid: int
    name: str
    frames: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stacks:
    """Where all threads were when the process had made no progress for a while.

    ``cause`` is what it waits for, if known. ``begin_ns`` is when it was last seen to make progress. Both moments are
    None where the stacks had to be written without the GIL.
    """

    cause: str
    begin_ns: int | None
    at_ns: int | None
    threads: Sequence[ThreadStack]


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended, as far as anybody knows. A signal is its number; ``at_ns`` is None when nobody saw it."""

    how: Literal["exited", "signaled", "unknown"]
    status: int | None
    signal: int | None
    at_ns: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A patch that failed and was switched off, or records that could not be written."""

    what: str
    error: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class Process:
    """One OS process, through all its images: a fork and the exec after it are one process.

    ``pid`` is unique in the trace; ``os_pid`` is what the kernel called it. ``parent_pid`` is a ``pid`` of this trace,
    or None where the parent is not part of it. ``begin_ns`` and ``last_ns`` are its first and last sign of life.
    ``start`` is the call in the parent that made it; where that was a plain os.fork(), ``fork`` is the parent's phase,
    and where the parent started a program, a shell perhaps, that made it, ``between`` is that start.
    ``first_task_ns`` is when a pool's worker received its first task. ``faults`` are as last counted; None where nobody
    counted.
    """

    pid: int
    os_pid: int
    parent_pid: int | None
    host: str
    name: str
    role: Role
    start_method: StartMethod
    python: str
    argv: Sequence[str]
    begin_ns: int
    last_ns: int
    ready_ns: int | None
    end: End
    start: Start | None
    threads: Mapping[int, str]
    spans: Sequence[Span]
    imports: Sequence[Import]
    starts: Sequence[Start]
    phases: Sequence[Phase]
    instants: Sequence[Instant]
    counters: Sequence[Counter]
    failures: Sequence[Failure]
    records: int
    recording_ns: int
    first_task_ns: int | None = None
    fork: Phase | None = None
    between: Start | None = None
    faults: Faults | None = None
    stacks: Sequence[Stacks] = ()

    @property
    def was_never_ready(self) -> bool:
        """Whether it was to become ready, and did not. Programs, and what os.fork() itself made, never say so."""
        return self.start is not None and self.ready_ns is None and self.role != "subprocess"


@dataclass(frozen=True, slots=True)
class Missing:
    """A child that was started and never reported; ``reason`` says why, as far as known."""

    pid: int
    reason: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A whole run, or several: ``other_runs`` are those beside ``run``, each what its run.json says.

    Processes are in the order in which they began.
    """

    run: Mapping[str, Any]
    origin_ns: int
    processes: Sequence[Process]
    missing: Sequence[Missing]
    warnings: Sequence[str]
    other_runs: Sequence[Mapping[str, Any]] = ()
