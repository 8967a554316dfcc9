"""What at-fork handlers have seen: the phases of a fork, the handlers of others, and the beginning of the child.

Runtime: loaded in a process that forks. A handler may itself fork, so a thread may be in several forks at a time, each
within another.
"""

import sys
from _thread import _count, get_ident

from mptrace.records import HOOKS, PHASE, SPAN
from mptrace.runtime import clock, journal, lifecycle, preload
from mptrace.runtime.callers import caller, is_waiting
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.journal import encode, quote, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Mark = tuple[int, int, int, int]

# What we call the sides of a fork.
SIDES = {"before": "before", "after_in_parent": "parent", "after_in_child": "child"}
# Of threads that a fork leaves behind.
MOST_NAMES = 20
STATUS = (b"\nVmRSS:", b"\nVmPTE:", b"\nThreads:")

# The names of the first so many handlers of others on a side, in the order in which they run, as JSON.
_names: "dict[tuple[str, int], str]" = {}
# For each thread that runs handlers after a fork: on which side, how many, when the first one began and each ended,
# and the records to be written with theirs.
_following: "dict[int, list[tuple[str, int, list[int], str]]]" = {}


def after_in_parent(end_ns: int, end_cpu_ns: int) -> None:
    """Record the fork that this thread comes from, and what was before it, now that the fork is over.

    In one record as far as may be: what is touched now has to be copied first, since the child has it too.
    """
    marks = _take_marks()
    if not marks or not journal.is_open():
        return
    last, _, begin_cpu_ns, begin_ns = marks[0]
    _, _, fork_cpu_ns, fork_ns = marks[-1]
    if lifecycle.boundary:
        lifecycle.boundary("prepare", begin_ns, usage=(begin_cpu_ns, None, None, None))
    tid = journal.thread_id()
    records = ""
    if begin_ns < fork_ns:
        spent_ns = fork_cpu_ns - begin_cpu_ns
        records = _hooks("before", last + 1, [mark[3] for mark in marks])
        records += f'["{PHASE}",{tid},{begin_ns},{fork_ns},"before-fork-hooks",{spent_ns},null,null,null,{{}}]\n'
    spent_ns = end_cpu_ns - fork_cpu_ns
    records += f'["{PHASE}",{tid},{fork_ns},{end_ns},"fork",{spent_ns},null,null,null,{{{_facts()}}}]\n'
    write(end_ns, records)
    if not is_waiting(get_frame(1)):
        begin_ns = now_ns()
        preload(("runtime/waits.py",))
        sys.modules["mptrace.runtime.waits"].install(begin_ns)
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


def after_untold_fork() -> None:
    """Begin anew in a child that C code has forked, when it is noticed; no handler has run, nor will.

    When that was, nobody has noted: as long ago as the child has run, or waited for a CPU.
    """
    boot_ns = now_ns()
    _following.clear()
    lifecycle.fork_marks.clear()
    try:
        lifecycle.begin_again(boot_ns, 0)
    except OSError:
        return  # as above


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
    records = others + _hooks(side, count, moments)
    if side == "after_in_child":
        lifecycle.phase("after-fork-hooks", moments[-1], records)
    else:
        write(moments[-1], records)


def _take_marks() -> "list[Mark]":
    """Return what this thread noted before the fork that it comes from.

    Handlers run last registered first: where the numbers rise one of them has forked, and what was noted earlier
    belongs to the fork that it ran for.
    """
    ident = clock.get_ident()  # as it was when lifecycle told the marks of threads apart; gevent has its own since then
    # Of a copy, which is made at one go: other threads are noting theirs.
    marks = [mark for mark in lifecycle.fork_marks[:] if mark[1] == ident]
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


def _facts() -> str:
    """Return, as members of a JSON object, who forked, what threads there are, and how much memory there was to copy.

    Read after the fork, which has changed none of it, so that neither it nor the child waits.
    """
    file, line = caller()
    facts = f'"file":{quote(file)},"line":{line},"python_threads":{_count() + 1}'
    if _count():
        facts += f',"others":{encode(_other_threads())}'
    try:
        status = clock.read_file("/proc/self/status")
        rss, pte, threads = [int(status.partition(name)[2].split(None, 1)[0]) for name in STATUS]
    except (OSError, ValueError, IndexError):
        return facts
    return f'{facts},"threads":{threads},"resident_bytes":{rss << 10},"page_table_bytes":{pte << 10}'


def _hooks(side: str, count: int, moments: "list[int]") -> str:
    """Return the record of the *count* handlers of others on one side, which began, and at last ended, at *moments*."""
    handlers = lifecycle.fork_handlers
    if handlers is None:
        return ""
    names = _names.get((side, count))
    if names is None:
        quoted = [quote(_name(handler)) for handler in handlers[side][:count]]
        if side == "before":
            quoted.reverse()
        _names[side, count] = names = f"[{','.join(quoted)}]"
    return f'["{HOOKS}",{journal.thread_id()},"{SIDES[side]}",{names},{moments}]\n'


def _other_threads() -> "list[str]":
    """Return the names of the other threads that threading knows, the first few."""
    active: dict[int, Any] = getattr(sys.modules.get("threading"), "_active", {})
    others = [thread for ident, thread in list(active.items()) if ident != get_ident()]
    return [journal.text(getattr(thread, "_name", "")) for thread in others[:MOST_NAMES]]


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
    return f"{journal.text(module)}.{journal.text(handler.__qualname__)}"


_FUNCTION, _BUILTIN, _METHOD = type(_name), type(len), type(_name.__get__(0))
