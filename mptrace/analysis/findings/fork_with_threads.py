"""A process was forked while it had more than one thread.

What it detects:
    A fork, by start method fork, by os.fork() or in a forkserver, of a process in which other threads ran:
    Python's own, or native ones that a library has started (OpenBLAS, gRPC, a tokenizer).

Why it costs:
    The child has only the thread that forked. A lock that another thread held at that moment stays locked in
    the child for ever: the child stops at the first use, some day, on a machine that is busier than this one.
    It costs nothing until then. Since 3.12 Python warns of it.

Remedy:
    Start the processes before the threads, or do not fork. A pool that replaces its workers forks again and again, and
    has threads of its own.

        # before
        threading.Thread(target=poll, daemon=True).start()
        pool = multiprocessing.Pool(4)

        # after
        pool = multiprocessing.get_context("forkserver").Pool(4)
        threading.Thread(target=poll, daemon=True).start()

When it is not reported:
    Where the child only executes another program, as those of subprocess do. Where the kernel does not say how
    many threads there are, native ones are not seen.

Source:
    https://docs.python.org/3/library/os.html#os.fork
    https://github.com/python/cpython/issues/84559
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mptrace.analysis.facts import Facts, Place
from mptrace.analysis.findings.model import Finding
from mptrace.analysis.forks import Fork, forks
from mptrace.analysis.wording import counted, names
from mptrace.trace.model import Role
from mptrace.trace.roles import TARGETS

RULE = "fork-with-threads"
MOST_THREADS = 1  # the one that forks lives on in the child; any other may hold a lock
SERVER_REMEDY = (
    "Leave what starts threads out of the list of modules to preload, or allow it none:\n    OMP_NUM_THREADS=1"
)
REMEDY = "Start the processes before the threads, or choose a start method that does not fork this process:\n    "
CONTEXT = 'multiprocessing.get_context("forkserver")'
# What to type is not the same for each of those that fork: a context that was given is not changed by a default.
CHOICES: Mapping[Role, str] = {
    "process": f"{CONTEXT}.Process(target=work)",
    "pool-worker": f"{CONTEXT}.Pool()",
    "executor-worker": f"ProcessPoolExecutor(mp_context={CONTEXT})",
    "manager": f"{CONTEXT}.Manager()",
}
OS_REMEDY = (
    "Fork before the threads are started, or let a new interpreter do what the child does:\n"
    '    subprocess.run([sys.executable, "child.py"])'
)


def find(facts: Facts) -> Iterator[Finding]:
    """Report the forks of each parent together."""
    groups: dict[int, list[Fork]] = defaultdict(list)
    for fork in forks(facts.trace):
        if fork.threads > MOST_THREADS:
            groups[fork.parent.pid].append(fork)
    for group in groups.values():
        parent = group[0].parent
        most = max(fork.threads for fork in group)
        yield Finding(
            rule=RULE,
            title=f"{parent.name} was forked while {counted(most - 1, 'other thread')} ran in it",
            severity="warning",
            cost_ns=0,
            pids=[fork.child.pid for fork in group if fork.child] or [parent.pid],
            where=list(dict.fromkeys(Place(fork.file, fork.line) for fork in group if fork.file)),
            evidence=_evidence(group),
            remedy=SERVER_REMEDY if parent.role == "forkserver" else _remedy(group),
        )


def _evidence(group: Sequence[Fork]) -> list[str]:
    found = [f"forks with other threads: {len(group)}"]
    others = list(dict.fromkeys(name for fork in group for name in fork.others))
    if others:
        found.append(f"threads of Python: {names(others, most=5)}")
    native = max(fork.threads - fork.python_threads for fork in group)
    if native:
        found.append(f"native threads, which libraries started: {native}")
    return found


def _remedy(group: Sequence[Fork]) -> str:
    """Return what to change in the calls that forked, and in the program's own os.fork()."""
    roles = {TARGETS.get(fork.start.target, "process") for fork in group if fork.start}
    choices = [CHOICES[role] for role in CHOICES if role in roles]
    found = [REMEDY + "\n    ".join(choices)] if choices else []
    return "\n".join(found if all(fork.start for fork in group) else [*found, OS_REMEDY])
