"""What at-fork handlers have seen: the phases of a fork, the handlers of others, and the beginning of the child.

Runtime: loaded in a process that forks. A handler may itself fork, so a thread may be in several forks at a time, each
within another.
"""

import sys
from _thread import _count, get_ident

from mptrace.records import PHASE, SPAN
from mptrace.runtime import clock, journal, lifecycle
from mptrace.runtime.clock import now_ns
from mptrace.runtime.journal import quote, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Mark = tuple[int, int, int, int]

# What we call the sides of a fork.
SIDES = {"before": "before", "after_in_parent": "parent", "after_in_child": "child"}
STATUS = (b"\nVmRSS:", b"\nVmPTE:", b"\nThreads:")

# The quoted names of the handlers of others, as far as they were needed.
_names: "dict[str, list[str]]" = {side: [] for side in SIDES}
# For each thread that runs handlers after a fork: on which side, how many, when the first one began and each ended,
# and the records to be written with theirs.
_following: "dict[int, list[tuple[str, int, list[int], str]]]" = {}


def after_in_parent(end_ns: int, end_cpu_ns: int) -> None:
    """Record the fork that this thread comes from, and what was before it, now that the fork is over."""
    marks = _take_marks()
    if not marks or not journal.is_open():
        return
    _, _, begin_cpu_ns, begin_ns = marks[0]
    _, _, fork_cpu_ns, fork_ns = marks[-1]
    if lifecycle.boundary:
        lifecycle.boundary("prepare", begin_ns, usage=(begin_cpu_ns, None, None, None))
    records = ""
    if lifecycle.fork_handlers:
        for side in SIDES:
            _name_handlers(side)  # here, so that no child need
        records = _spans("before", [mark[0] for mark in marks[:-1]], [mark[3] for mark in marks])
    if begin_ns < fork_ns:
        records += _phase("before-fork-hooks", begin_ns, fork_ns, fork_cpu_ns - begin_cpu_ns)
    write(end_ns, records + _phase("fork", fork_ns, end_ns, end_cpu_ns - fork_cpu_ns, _facts()))
    _follow("after_in_parent")


def after_in_child(boot_ns: int) -> None:
    """Begin anew in a child, whose first moment in our code was *boot_ns*."""
    marks = _take_marks()
    _following.clear()
    try:
        lifecycle.begin_again(boot_ns, marks[-1][3] if marks else boot_ns)
    except OSError:
        return  # the folder is gone, or this process may not write there any more
    end_ns = now_ns()
    ours = f'["{SPAN}",{journal.thread_id()},{boot_ns},{end_ns},"tracer","fork",{{}}]\n'
    if not _follow("after_in_child", ours):
        lifecycle.phase("after-fork-hooks", end_ns, ours)


def ended() -> None:
    """Note that a handler of somebody else's, after a fork, has ended; the last one writes them down."""
    passes = _following.get(get_ident())
    if not passes:
        return
    side, count, moments, others = passes[-1]
    moments.append(now_ns())
    if len(moments) <= count:
        return
    passes.pop()
    _name_handlers(side)
    records = others + _spans(side, range(count), moments)
    if side == "after_in_child":
        lifecycle.phase("after-fork-hooks", moments[-1], records)
    else:
        write(moments[-1], records)


def _take_marks() -> "list[Mark]":
    """Return what this thread noted before the fork that it comes from.

    Handlers run last registered first: where the numbers rise one of them has forked, and what was noted earlier
    belongs to the fork that it ran for.
    """
    ident = get_ident()
    marks = [mark for mark in lifecycle.fork_marks if mark[1] == ident]
    first = len(marks) - 1
    while first > 0 and marks[first - 1][0] > marks[first][0]:
        first -= 1
    marks = marks[max(first, 0) :]
    for mark in marks:
        lifecycle.fork_marks.remove(mark)
    return marks


def _follow(side: str, others: str = "") -> bool:
    """Time the handlers of others that run from now on, and return whether there are any.

    *others* are records to be written with theirs.
    """
    count = len((lifecycle.fork_handlers or {}).get(side, ()))
    if count:
        _following.setdefault(get_ident(), []).append((side, count, [now_ns()], others))
    return count > 0


def _phase(name: str, begin_ns: int, end_ns: int, cpu_ns: int, args: str = "") -> str:
    """Return the record of a phase; beside the CPU time nothing is known of what was used in it."""
    tid = journal.thread_id()
    return f'["{PHASE}",{tid},{begin_ns},{end_ns},"{name}",{cpu_ns},null,null,null,{{{args}}}]\n'


def _facts() -> str:
    """Return, as members of a JSON object, how many threads this process has, and how much memory there was to copy.

    Read after the fork, which has changed none of it, so that neither it nor the child waits.
    """
    facts = f'"python_threads":{_count() + 1}'
    try:
        status = clock.read_file("/proc/self/status")
        rss, pte, threads = [int(status.partition(name)[2].split(None, 1)[0]) for name in STATUS]
    except (OSError, ValueError, IndexError):
        return facts
    return f'{facts},"threads":{threads},"resident_bytes":{rss << 10},"page_table_bytes":{pte << 10}'


def _spans(side: str, numbers: "Sequence[int]", moments: "Sequence[int]") -> str:
    """Return the records of the handlers called *numbers*, which each began when the one before it ended."""
    tid, names, tail = journal.thread_id(), _names[side], f'{{"side":"{SIDES[side]}"}}]\n'
    spans = zip(numbers, moments, moments[1:], strict=False)
    return "".join(
        [f'["{SPAN}",{tid},{begin},{end},"fork-hook",{names[number]},{tail}' for number, begin, end in spans]
    )


def _name_handlers(side: str) -> None:
    names = _names[side]
    for handler in (lifecycle.fork_handlers or {side: []})[side][len(names) :]:
        names.append(quote(_name(handler)))


def _name(handler: "Any") -> str:
    """Return a handler's module and qualified name; of an object that is called, those of its class."""
    kind = type(handler)
    if kind is getattr(sys.modules.get("_functools"), "partial", None):
        return _name(handler.func)
    if kind is _METHOD:
        return _name(handler.__func__)
    module = None
    if kind in (_FUNCTION, _BUILTIN):
        module = handler.__module__ or type(handler.__self__).__module__
    else:
        # It is not asked itself: it might run code of the host's in order to answer.
        module, handler = kind.__module__, kind
    return f"{module}.{handler.__qualname__}"


_FUNCTION, _BUILTIN, _METHOD = type(_name), type(len), type(_name.__get__(0))
