"""One statement at the top level of a module takes long in each child that starts.

What it detects:
    A statement, not an import, at the top level of a module that a child executes on its way to ready, that takes
    50 ms or more. What it imports and the statements inside it are not counted.

Why it costs:
    What stands at the top level of a module is executed wherever the module is imported: in every spawned child,
    whether or not that child needs it.

Remedy:
    Do it when it is needed, once.

        # before
        MODEL = load_model("large.bin")

        # after
        @functools.cache
        def model():
            return load_model("large.bin")

    If all children need it, a pool's initializer loads it once in each, and a fork server that preloads the module
    once for all.

When it is not reported:
    In the process that the run began with. In a process that was forked for the statement in whose course that was,
    nor, if os.fork() made it, for any: it goes on with the program, and what it executes is its work. So is a statement
    in whose course the child is ready. For the monkey-patching of gevent and eventlet: it must stay at the top level,
    before anything else. Where no statements were recorded: never before Python 3.12, and of modules other than the
    main one only where MPTRACE_STATEMENTS names them.

Source:
    https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mptrace.analysis.facts import (
    Facts,
    Place,
    Statement,
    Taken,
    is_typical,
    must_run_first,
    unhindered_ns,
)
from mptrace.analysis.findings.model import Finding, Prediction
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, measured

RULE = "heavy-statement"
LEAST_NS = 50_000_000  # a definition takes microseconds; what takes as long as an interpreter is work
IMPORTS = ("import ", "from ")
# In these phases a child executes no statement of its own: one that seems to begin there, it was forked in.
FORKING = ("fork", "forkserver", "after-fork-hooks")

# A statement as one child executed it, and how long, without imports, it took there.
Executed = tuple[StartUp, Statement, int]


def find(facts: Facts) -> Iterator[Finding]:
    """Report each statement once, for all children that executed it."""
    executed: dict[Place, list[Executed]] = defaultdict(list)
    for way in facts.workers:
        if way.ready_ns is None and way.process.start_method == "fork":
            continue
        inherited = facts.taken(way, *FORKING)
        for statement in facts.statements(way.process):
            is_inherited = any(time.begin_ns <= statement.begin_ns < time.end_ns for time in inherited)
            # What the process is ready in the course of is its work too, of which loky has a line of its own.
            is_work = is_inherited or (way.ready_ns is not None and statement.end_ns > way.ready_ns)
            is_movable = not (statement.source.startswith(IMPORTS) or must_run_first(statement.source))
            if not is_work and is_movable:
                own_ns = max(0, statement.own_ns - _imported_ns(facts, way, statement))
                executed[Place(statement.file, statement.line)].append((way, statement, own_ns))
    for place, times in executed.items():
        if is_typical(
            [unhindered_ns(way, own_ns, [_taken(way, statement)]) for way, statement, own_ns in times], LEAST_NS
        ):
            yield _finding(place, times)


def _imported_ns(facts: Facts, way: StartUp, statement: Statement) -> int:
    """Return how long modules were imported during a statement."""
    return sum(
        min(imported.end_ns, statement.end_ns) - imported.begin_ns
        for imported in facts.roots(way.process)
        if imported.event.tid == statement.tid and statement.begin_ns <= imported.begin_ns < statement.end_ns
    )


def _finding(place: Place, times: Sequence[Executed]) -> Finding:
    source = times[0][1].source
    cost_ns = sum(own_ns for _, _, own_ns in times)
    worst_ns = max(own_ns for _, _, own_ns in times)
    count = counted(len(times), "child", "children")
    took = f"{duration(cost_ns // len(times))} in {count} on average, {duration(worst_ns)} in the slowest"
    return Finding(
        rule=RULE,
        title=f"{source.removesuffix(':')} takes {duration(cost_ns // len(times))} whenever the module is imported",
        severity="warning",
        cost_ns=cost_ns,
        pids=list(dict.fromkeys(way.process.pid for way, _, _ in times)),
        where=[place],
        evidence=[measured(source, took)],
        remedy=(
            "Move it into a function that is called when its result is needed:\n"
            f"    @functools.cache\n    def {_name(source)}():\n        return ..."
        ),
        taken=[_taken(way, statement) for way, statement, _ in times],
        predicted=Prediction(cost_ns, "this statement executed only where its result is needed"),
    )


def _taken(way: StartUp, statement: Statement) -> Taken:
    return Taken(way.process.pid, statement.begin_ns, statement.end_ns)


def _name(source: str) -> str:
    """Return a name for the function: that of what the statement assigns to."""
    target, equals, _ = source.partition("=")
    name = target.partition(":")[0].strip().lower()
    return name if equals and name.isidentifier() else "load"
