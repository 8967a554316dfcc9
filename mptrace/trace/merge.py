"""From the folders of a run to one trace.

Offline. The journals' first records are read first: they say which processes there were, in which order they began,
and which moment is the trace's origin. Then each process is read once, and its relations to the others are looked up
last, when all are known.
"""

import gc
import os
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mptrace.errors import MptraceError
from mptrace.records import LAUNCHER, RUN_FILE
from mptrace.trace import draft as drafting
from mptrace.trace import executions, kinship, outside, programs, roles, settings, untraced, usage
from mptrace.trace.continuity import continued
from mptrace.trace.draft import ChildEnd, Draft
from mptrace.trace.instances import Instance, place
from mptrace.trace.kinship import Call, Registry
from mptrace.trace.model import End, Missing, Phase, Process, Start, Trace
from mptrace.trace.reader import EMPTY, Warnings, find_journals, read_header
from mptrace.trace.roles import Traits
from mptrace.trace.run_file import read_run
from mptrace.trace.table import Shared

UNREADABLE = "its journal could not be read"

Progress = Callable[[int, int], None]


def load(run_folders: Sequence[Path], progress: Progress | None = None) -> Trace:
    """Merge the journals of a run, or of several that belong together, into one trace.

    *progress* is called with how many processes have been read and how many there are. Raises MptraceError when a
    folder is not that of a run, or no process has reported to any of them.
    """
    with _no_collection():
        return _load(run_folders, progress)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare the garbage collector looking again and again at a million events, none of which is in a cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load(run_folders: Sequence[Path], progress: Progress | None) -> Trace:
    warnings = Warnings()
    # A run that is named twice, once as `latest` perhaps, is one run.
    run_folders = list({os.path.realpath(folder): folder for folder in reversed(run_folders)}.values())[::-1]
    journals = [path for folder in run_folders for path in find_journals(folder)]
    runs = {folder: _run(folder, warnings) for folder in run_folders}
    headers = [header for path in journals if (header := read_header(path, warnings))]
    launchers = [header for header in headers if header.kind == LAUNCHER]
    if len(launchers) == len(journals):
        folders = ", ".join(str(folder) for folder in run_folders)
        raise MptraceError(f"no process has reported to {folders}: it holds no journal")
    boot_ids = {folder: str(run.get("boot_id", "")) for folder, run in runs.items()}
    placed = place(headers, boot_ids)
    drafts: list[Draft] = []
    shared = Shared()
    for instance in placed.instances:
        drafts.append(drafting.read(instance, warnings, shared))
        if progress:
            progress(len(drafts), len(placed.instances))
    registry = Registry(drafts)
    made, unanswered = kinship.calls(drafts)
    learned = kinship.ends(drafts, registry, unanswered)
    for header in launchers:
        learned = {**outside.add(header, registry, placed, boot_ids, warnings), **learned}
    parents, between = _parents(drafts, registry, made, unanswered)
    processes = _processes(drafts, made, parents, between, learned)
    read = {draft.instance.os_pid for draft in drafts}
    unread = {pid: path for path in journals if (pid := _pid_in_name(path)) not in read}
    missing = [_missing(call, unread) for call in unanswered if untraced.is_missing(call.start)]
    missing += [_forked(end, unread) for _, end in kinship.unknown(drafts, registry, unanswered)]
    missing = [_told_once(one, unread, warnings) for one in missing]
    run, *other_runs = runs.values()
    return Trace(run, placed.origin_ns, processes, missing, warnings.lines, other_runs)


def _run(folder: Path, warnings: Warnings) -> Mapping[str, Any]:
    """Return what is known of a run, after a look at what it was told by the environment."""
    run = read_run(folder, warnings)
    for trouble in settings.troubles(run.get("settings")):
        warnings.add(folder / RUN_FILE, trouble)
    return run


def _parents(
    drafts: Sequence[Draft], registry: Registry, made: Mapping[int, Call], unanswered: Sequence[Call]
) -> tuple[dict[int, Draft | None], dict[int, Start]]:
    """Return the parent of each process, by its pid: the one that made it, or else whom the kernel calls so.

    Where that is a program that is not traced, such as a shell, it is who started the program; that start is returned
    too, by the pid of the process.
    """
    programs_between = kinship.by_child(unanswered)
    parents: dict[int, Draft | None] = {}
    between: dict[int, Start] = {}
    for draft in drafts:
        pid, call = draft.instance.pid, made.get(draft.instance.pid)
        parents[pid] = call.parent if call else kinship.parent(draft, registry)
        if parents[pid] is None and (started := kinship.beyond(draft, programs_between)):
            parents[pid], between[pid] = started.parent, started.start
        parents[pid] = parents[pid] or kinship.ancestor(draft, registry)
    return parents, between


def _processes(
    drafts: Sequence[Draft],
    made: Mapping[int, Call],
    parents: Mapping[int, Draft | None],
    between: Mapping[int, Start],
    learned: Mapping[int, ChildEnd],
) -> list[Process]:
    """Return the processes, in order."""
    roots = {(draft.instance.images[0].path.parent, draft.instance.os_pid) for draft in drafts}
    processes: dict[int, Process] = {}
    for draft in drafts:
        instance = draft.instance
        call, parent = made.get(instance.pid), parents[instance.pid]
        folder = instance.images[0].path.parent
        start = call.start if call else None
        argv, is_forked, label = _program(draft, start)
        traits = Traits(
            argv=argv,
            is_forked=is_forked,
            start=start,
            said_name=draft.said_name,
            parent_role=processes[parent.instance.pid].role if parent else None,
            # A run's folder is named for its root. A parent that is not in the trace (a shell) makes no root.
            is_root=parent is None and ((folder, root := _root_pid(folder)) not in roots or root == instance.os_pid),
            label=label,
        )
        end = kinship.end(draft, learned.get(instance.pid))
        processes[instance.pid] = _process(draft, traits, parent, between.get(instance.pid), end)
    return list(processes.values())


def _program(draft: Draft, start: Start | None) -> tuple[list[str], bool, str]:
    """Return the last command line of a process, whether it is still its parent's, and a name if it is untraced."""
    image = draft.instance.images[-1]
    if draft.became:
        became = draft.became
        return list(became.argv), False, programs.label(became.program, became.argv)
    if image.is_forked and start and start.start_method == programs.SUBPROCESS:
        return list(start.argv), False, start.process_name  # only a preexec_fn ran in the fork
    return list(image.header["argv"]), image.is_forked, ""


def _process(draft: Draft, traits: Traits, parent: Draft | None, between: Start | None, end: End) -> Process:
    instance, events = draft.instance, draft.events
    role = roles.role(traits)
    tracks = untraced.tracks(draft)
    # What the launcher saw of it is a sign of life too.
    seen_ns = [counter.at_ns for counter in events.counters[-1:]] + [span.end_ns or 0 for span in tracks]
    phases = executions.known_phases(events.phases, instance.images[0], traits.start)
    if traits.start and parent:
        phases = continued(phases, traits.start, parent.events.phases)
    return Process(
        pid=instance.pid,
        os_pid=instance.os_pid,
        parent_pid=parent.instance.pid if parent else None,
        host=instance.space[0],
        name=roles.name(traits, role),
        role=role,
        start_method=roles.start_method(traits),
        python=instance.images[-1].header["python"],
        argv=traits.argv,
        begin_ns=_begin_ns(instance, phases),
        last_ns=max(draft.last_ns, *seen_ns, 0),
        ready_ns=draft.ready_ns,
        end=end,
        start=traits.start,
        threads={**events.threads, **{span.tid: span.name for span in tracks}},
        spans=sorted([*events.spans, *tracks], key=lambda span: span.begin_ns) if tracks else events.spans,
        imports=events.imports,
        starts=events.starts,
        phases=phases,
        instants=events.instants,
        counters=events.counters,
        failures=events.failures,
        stacks=events.stacks,
        records=draft.records,
        recording_ns=draft.recording_ns,
        first_task_ns=draft.first_task_ns,
        fork=None if traits.start else kinship.fork(draft, parent),
        between=between,
        faults=usage.faults(events.counters),
    )


def _begin_ns(instance: Instance, phases: Sequence[Phase]) -> int:
    """Return when a process began. Of one that began as a fork, the interpreter is a later program's."""
    begins_ns = [phase.begin_ns for phase in phases if phase.name == "interpreter"]
    return begins_ns[0] if begins_ns and not instance.images[0].is_forked else instance.begin_ns


def _root_pid(folder: Path) -> int:
    """Return the pid that a run's folder is named for, or 0. `latest` is only a link to it."""
    pid = folder.resolve().name.rpartition("-")[2]
    return int(pid) if pid.isdecimal() else 0


def _pid_in_name(journal: Path) -> int:
    """Return the pid that a journal is named for, or 0."""
    pid = journal.name.partition("-")[0]
    return int(pid) if pid.isdecimal() else 0


def _missing(call: Call, unread: Container[int]) -> Missing:
    """Return what is known of a child that was started and never reported."""
    start = call.start
    pid = start.child_pid or 0
    end = kinship.end_of_unreported(call)
    if pid in unread:
        reason = UNREADABLE
    elif start.start_method == programs.SUBPROCESS and (why := untraced.reason(call)):
        reason = why
    elif end and end.returncode < 0:
        is_forked = start.start_method in ("fork", "forkserver")
        before = "it could report" if is_forked else "its interpreter had started"
        reason = f"killed by {roles.signal_name(-end.returncode)} before {before}"
    elif end:
        reason = f"ended with status {end.returncode} and was not traced"
    else:
        reason = "not a traced interpreter, or unable to write to the folder of the run"
    return Missing(pid, f"{start.process_name}: {reason}")


def _told_once(missing: Missing, unread: Mapping[int, Path], warnings: Warnings) -> Missing:
    """Return a child that never reported as what is told of its journal, if that is empty; as on a full disk."""
    path = unread.get(missing.pid)
    if path and warnings.withdraw(path, EMPTY):
        return replace(missing, reason=missing.reason.replace(UNREADABLE, f"its journal {EMPTY}"))
    return missing


def _forked(end: ChildEnd, unread: Container[int]) -> Missing:
    """Return what is known of a child that its parent forked by itself, and that never reported."""
    if end.returncode < 0:  # with a journal, perhaps, that was still empty
        return Missing(end.pid, f"forked, and killed by {roles.signal_name(-end.returncode)} before it could report")
    if end.pid in unread:
        return Missing(end.pid, UNREADABLE)
    return Missing(end.pid, f"forked, and ended with status {end.returncode} without a report")
