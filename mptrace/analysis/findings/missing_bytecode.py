"""Modules are compiled from source again and again, as there is no .pyc file to be used.

What it detects:
    The same modules compiled in two or more processes, where that is 50 modules, or 10 % of the time that those
    processes imported for.

Why it costs:
    To compile a module takes several times as long as to read its bytecode. Python keeps the bytecode in a .pyc file
    for the next process; where it cannot, or must not, each process compiles everything.

Remedy:
    Compile when the environment is built, and let Python write where it may.

        # before
        ENV PYTHONDONTWRITEBYTECODE=1
        RUN pip install .

        # after
        RUN pip install . && python -m compileall -q "$(python -c 'import site; print(site.getsitepackages()[0])')"

    UV_COMPILE_BYTECODE=1 has uv do it. Where the folder cannot be written, PYTHONPYCACHEPREFIX names another.

When it is not reported:
    For a module that only one process compiled: the next one finds the .pyc. For the main script, which is never kept.
    As a note where processes compiled it at the same time: the next run may find the .pyc.

Source:
    https://docs.python.org/3/using/cmdline.html#envvar-PYTHONDONTWRITEBYTECODE
    Measured: import distributed takes 0.38 s with .pyc files, and 1.33 s without.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mptrace.analysis.facts import Facts, Taken
from mptrace.analysis.findings.model import Finding, total_ns
from mptrace.analysis.wording import counted, duration, percent
from mptrace.trace.model import Import, Process

RULE = "missing-bytecode"
LEAST_MODULES = 50  # a package of some size
LEAST_SHARE = 0.1  # of the imports
LEAST_NS = 20_000_000  # a script's own module or two is nothing
LEAST_PROCESSES = 2  # the first may have written the .pyc for the second
NAMED = 3

Compiled = Mapping[str, Sequence[tuple[Process, Import]]]


def find(facts: Facts) -> Iterator[Finding]:
    """Report all modules together: they lack one thing."""
    found: dict[str, list[tuple[Process, Import]]] = defaultdict(list)
    for process in facts.trace.processes:
        for event in process.imports:
            if event.compile_ns is not None:
                found[event.module].append((process, event))
    again = {
        module: times
        for module, times in found.items()
        if len({process.pid for process, _ in times}) >= LEAST_PROCESSES
    }
    taken = [_taken(process, event) for times in again.values() for process, event in times]
    pids = sorted({pid for pid, _, _ in taken})
    imported_ns = sum(
        total_ns(Taken(pid, begin_ns, end_ns) for _, begin_ns, end_ns in facts.roots(facts.by_pid[pid])) for pid in pids
    )
    share = total_ns(taken) / max(1, imported_ns)
    if len(again) >= LEAST_MODULES or (share >= LEAST_SHARE and total_ns(taken) >= LEAST_NS):
        yield _finding(facts, again, taken, share)


def _taken(process: Process, event: Import) -> Taken:
    end_ns = event.exec_ns or event.end_ns or process.last_ns
    return Taken(process.pid, event.compile_ns or event.begin_ns, end_ns)


def _was_in_vain(times: Sequence[tuple[Process, Import]]) -> bool:
    """Return whether one process compiled it after another had executed it: the .pyc is written before that."""
    executed_ns = [event.exec_ns for _, event in times if event.exec_ns is not None]
    return bool(executed_ns) and max(event.begin_ns for _, event in times) > min(executed_ns)


def _finding(facts: Facts, again: Compiled, taken: Sequence[Taken], share: float) -> Finding:
    costs = {module: total_ns(_taken(*time) for time in times) for module, times in again.items()}
    dearest = sorted(costs, key=lambda module: -costs[module])[:NAMED]
    in_vain = [module for module, times in again.items() if _was_in_vain(times)]
    pids = {pid for pid, _, _ in taken}
    first, event = again[dearest[0]][0]
    place = facts.place(first, event.importer, event.line)
    return Finding(
        rule=RULE,
        title=f"{counted(len(again), 'module')} compiled from source again, in {len(pids)} processes",
        severity="warning" if in_vain else "note",
        cost_ns=total_ns(taken),
        pids=[process.pid for process in facts.trace.processes if process.pid in pids],
        where=[place] if place.file else [],
        evidence=[
            f"share of the imports of these processes: {percent(share)}",
            *(
                f"{module}: compiled {counted(len(again[module]), 'time')}, {duration(costs[module])} in all"
                for module in dearest
            ),
            f"compiled although another process had compiled it before: {counted(len(in_vain), 'module')}",
        ],
        remedy=(
            "Compile them once, and let Python write .pyc files (PYTHONDONTWRITEBYTECODE, -B, the rights):\n"
            "    python -m compileall -q FOLDER"
        ),
        taken=taken,
    )
