"""Who started whom, and how each process ended.

Offline. The parent of a process is the one that called start(), which knows the child's pid: with forkserver the
kernel's parent is the server. Only without such a call the kernel's word is taken. Pids are used again, so a pid
always means: the process that had it at that moment.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mptrace.trace.draft import ChildEnd, Draft
from mptrace.trace.instances import Instance
from mptrace.trace.model import End, Phase, Start

Space = tuple[str, int]
Child = tuple[Space, int]

# Two ticks of the clock that start times are counted in.
TOLERANCE_NS = 20_000_000
# What multiprocessing says of a child whose forkserver is gone, so that its end can no longer be learned.
SERVER_GONE = 255


@dataclass(frozen=True, slots=True)
class Call:
    """One call of start(), and who made it."""

    parent: Draft
    start: Start


class Registry:
    """Which process had a pid at a moment."""

    def __init__(self, drafts: Iterable[Draft]) -> None:
        self._holders: dict[tuple[Space | str, int], list[Draft]] = defaultdict(list)
        for draft in drafts:  # in the order in which they began
            host, _ = draft.instance.space
            self._holders[draft.instance.space, draft.instance.os_pid].append(draft)
            self._holders[host, draft.instance.os_pid].append(draft)

    def at(self, space: Space | str, pid: int, at_ns: int) -> Draft | None:
        """Return the last process that had begun by *at_ns* with *pid*, in a pid namespace or on a whole host."""
        holders = self._holders.get((space, pid), [])
        position = bisect_right(holders, at_ns, key=lambda draft: draft.instance.begin_ns)
        return holders[position - 1] if position else None


def calls(drafts: Sequence[Draft]) -> tuple[dict[int, Call], list[Call]]:
    """Return the call that made each process, by its pid, and the calls whose child never reported."""
    by_child: dict[tuple[Space, int], list[Call]] = defaultdict(list)
    for draft in drafts:
        for start in draft.events.starts:
            if start.child_pid is not None:
                by_child[draft.instance.space, start.child_pid].append(Call(draft, start))
    made: dict[int, Call] = {}
    used: set[int] = set()
    for draft in drafts:
        for call in by_child.get((draft.instance.space, draft.instance.os_pid), ()):
            if id(call) not in used and _made(call.start, draft.instance):
                made[draft.instance.pid] = call
                used.add(id(call))
                break
    unanswered = [call for group in by_child.values() for call in group if id(call) not in used]
    return made, sorted(unanswered, key=lambda call: call.start.begin_ns)


def _made(start: Start, child: Instance) -> bool:
    """Return whether *child* was made during this call: by the kernel's word, or its own first sign of life."""
    end_ns = start.begin_ns if start.end_ns is None else start.end_ns
    return any(
        start.begin_ns - TOLERANCE_NS <= moment_ns <= end_ns + TOLERANCE_NS
        for moment_ns in (child.born_ns, child.begin_ns)
    )


def parent(draft: Draft, registry: Registry) -> Draft | None:
    """Return the process that the kernel calls the parent of *draft*, if it is in the trace and was alive then."""
    ppid = draft.instance.images[0].header["ppid"]
    return _living(ppid, draft, registry) if ppid else None  # else it is in another pid namespace


def ancestor(draft: Draft, registry: Registry) -> Draft | None:
    """Return the nearest process of the trace above the kernel's parent of *draft*, which is not in it itself."""
    return next((found for pid in _ancestors(draft) if (found := _living(pid, draft, registry))), None)


def _ancestors(draft: Draft) -> list[int]:
    return [pid for pid in draft.instance.images[0].header["ancestors"] if type(pid) is int]


def _living(pid: int, draft: Draft, registry: Registry) -> Draft | None:
    """Return the process that had *pid* when *draft* was made, if it was alive then."""
    instance = draft.instance
    found = registry.at(instance.space, pid, instance.begin_ns)
    if found is None or found is draft:
        return None
    is_over = found.ended_ns is not None and max(found.ended_ns, found.last_ns) < instance.born_ns - TOLERANCE_NS
    return None if is_over else found


def by_child(unanswered: Iterable[Call]) -> Mapping[Child, Sequence[Call]]:
    """Return calls by the child that they made, in the order of time."""
    found: dict[Child, list[Call]] = defaultdict(list)
    for call in unanswered:
        found[call.parent.instance.space, call.start.child_pid or 0].append(call)
    return found


def beyond(draft: Draft, unanswered: Mapping[Child, Sequence[Call]]) -> Call | None:
    """Return the call that started the program between *draft* and who made the call: a shell, or make."""
    instance = draft.instance
    calls = [
        call
        for pid in (instance.images[0].header["ppid"], *_ancestors(draft))
        for call in unanswered.get((instance.space, pid), ())
        if call.start.begin_ns <= instance.begin_ns and not _was_over(call, instance.born_ns - TOLERANCE_NS)
    ]
    return max(calls, key=lambda call: call.start.begin_ns, default=None)


def _was_over(call: Call, at_ns: int) -> bool:
    end = end_of_unreported(call)
    return end is not None and end.at_ns < at_ns


def fork(draft: Draft, parent: Draft | None) -> Phase | None:
    """Return the phase of *parent* in which it forked *draft*."""
    image = draft.instance.images[0]
    if parent is None or not image.header["fork_ns"]:
        return None
    begin_ns = image.header["fork_ns"] + image.shift_ns
    phases = parent.events.phases
    for phase in phases[bisect_left(phases, begin_ns, key=lambda phase: phase.begin_ns) :]:
        if phase.begin_ns > begin_ns:
            break
        if phase.name == "fork":
            return phase
    return None


def ends(drafts: Sequence[Draft], registry: Registry, unanswered: Sequence[Call] = ()) -> dict[int, ChildEnd]:
    """Return what was learned about the end of each process by another, by its pid.

    What was learned about a child of those *unanswered* calls is about none that reported.
    """
    unreported = {id(end) for call in unanswered if (end := end_of_unreported(call))}
    learned: dict[int, ChildEnd] = {}
    for draft in drafts:
        for end in draft.child_ends:
            if id(end) in unreported:
                continue
            child = registry.at(draft.instance.space, end.pid, end.at_ns)
            if child:
                learned.setdefault(child.instance.pid, end)
    return learned


def unknown(drafts: Iterable[Draft], registry: Registry, unanswered: Sequence[Call]) -> list[tuple[Draft, ChildEnd]]:
    """Return the ends of children that are in no other record, and who learned of each: one that had forked.

    Whoever has not forked may yet be told of the children of others, which are given to process 1 and its like.
    """
    started = {(id(call.parent), call.start.child_pid) for call in unanswered}
    return [
        (draft, end)
        for draft in drafts
        for end in draft.child_ends
        if (id(draft), end.pid) not in started
        and registry.at(draft.instance.space, end.pid, end.at_ns) is None
        and any(phase.name == "fork" and phase.begin_ns < end.at_ns for phase in draft.events.phases)
    ]


def end(draft: Draft, learned: ChildEnd | None) -> End:
    """Return how a process ended, from its own last word and from what its parent learned."""
    if learned and learned.returncode < 0:
        return End("signaled", None, -learned.returncode, learned.at_ns)
    if draft.ended_ns is not None:
        # The kernel keeps one byte of what a process says: of sys.exit(-1) that is 255.
        status = None if draft.returncode is None else draft.returncode & 0xFF
        if learned and (status is None or learned.returncode != SERVER_GONE):
            status = learned.returncode
        return End("exited", status, None, draft.ended_ns)
    if learned:
        return End("exited", learned.returncode, None, learned.at_ns)
    return End("unknown", None, None, None)


def end_of_unreported(call: Call) -> ChildEnd | None:
    """Return how the child of *call*, which never reported, ended, if its parent learned it."""
    # Its pid could not be used again before the parent had learned its end: the first one is its own.
    learned = call.parent.ends_of.get(call.start.child_pid or 0, ())
    return next((end for end in learned if end.at_ns >= call.start.begin_ns), None)
