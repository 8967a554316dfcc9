"""Each child runs the main module again before it is ready.

What it detects:
    The phase main-module taking 50 ms or more in children of start method spawn or forkserver, and the statements
    and imports of the main module that took it.

Why it costs:
    So that functions of the main script can be found, such a child runs the whole script again, under the name
    __mp_main__. All that stands at its top level, outside of the guard, is done once more in each child.

Remedy:
    Leave only definitions at the top level, and keep the file that is run small.

        # before
        import pandas
        table = pandas.read_csv("large.csv")

        def work(item): ...

        if __name__ == "__main__":
            run(work)

        # after: work() is in a module of its own, which imports only what it needs
        if __name__ == "__main__":
            import pandas
            from application.work import work

            run(work, pandas.read_csv("large.csv"))

When it is not reported:
    For start method fork, which copies the parent as it is. For a fork server that has run the main module for all
    its children. Where the children waited for a CPU for most of the phase. Not for imports that bring in the module
    of the target: it would be imported a moment later, see repeated-import.

Source:
    https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods
    Lib/multiprocessing/spawn.py, _fixup_main_from_path() and _fixup_main_from_name()
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mptrace.analysis.facts import MAIN_NAMES, Facts, Imported, Place, Taken, is_typical, must_run_first, unhindered_ns
from mptrace.analysis.findings.model import Finding, Prediction, total_ns
from mptrace.analysis.phases import StartUp
from mptrace.analysis.wording import counted, duration, measured, names

RULE = "main-reexecuted"
PHASE = "main-module"
LEAST_NS = 50_000_000  # a script of definitions, and imports of the library, takes 20 at most
NAMED = 5
OTHERS = "to find, read and compile it, and other statements"
UNRECORDED = "other statements, which Python 3.12 and later can tell"
IMPORTS = ("import ", "from ")
LIBRARY = ("runpy",)  # what it imports for itself stands in no line of the script
LEAST_SHARE = 0.05  # what is less of the phase is not what makes it long
REMEDY = (
    "Move these lines under the guard, or into the function that needs them, or keep the functions of the children in "
    "a module of its own"
)
STAYS = "; {} must stay where it is, and run first"
GUARD = ':\n    if __name__ == "__main__":\n        main()'


class Line(NamedTuple):
    """What the main module does on one line, as a person would call it."""

    place: Place
    what: str


def find(facts: Facts) -> Iterator[Finding]:
    """Report the children of one process and start method together: they run the same script."""
    for ways in facts.siblings.values():
        ran = [way for way in ways if facts.phases(way, PHASE)]
        times_ns = [unhindered_ns(way, total_ns(times), times) for way in ran if (times := _taken(facts, way))]
        if ran and is_typical(times_ns, LEAST_NS):
            yield _finding(facts, ran)


def _taken(facts: Facts, way: StartUp) -> list[Taken]:
    """Return the time of the phase without the imports that the child needs in any case."""
    found = []
    for phase in facts.taken(way, PHASE):
        begin_ns = phase.begin_ns
        for needed in _needed(facts, way):
            if begin_ns <= needed.begin_ns < phase.end_ns:
                found.append(Taken(phase.pid, begin_ns, needed.begin_ns))
                begin_ns = min(needed.end_ns, phase.end_ns)
        found.append(Taken(phase.pid, begin_ns, phase.end_ns))
    return found


def _needed(facts: Facts, way: StartUp) -> list[Imported]:
    """Return the outermost imports in whose course the module of the target, or a package it is in, was imported."""
    module = way.process.start.target.partition(":")[0] if way.process.start else ""
    packages = {module[:end] for end, letter in enumerate(f"{module}.") if letter == "."} - set(MAIN_NAMES) - {""}
    wanted = [event for event in way.process.imports if event.module in packages]
    return [
        imported
        for imported in facts.roots(way.process)
        if any(
            event.tid == imported.event.tid and imported.begin_ns <= event.begin_ns < imported.end_ns
            for event in wanted
        )
    ]


def _finding(facts: Facts, ways: Sequence[StartUp]) -> Finding:
    taken = [time for way in ways for time in _taken(facts, way)]
    cost_ns = total_ns(taken)
    lines = _lines(facts, ways)
    dearest = [line for line, wall_ns in lines.items() if wall_ns >= LEAST_SHARE * cost_ns][:NAMED]
    script = facts.main_file(ways[0].process)
    name = os.path.basename(script) or "The main module"
    named_ns = min(cost_ns, sum(lines.values()))
    gain_ns = max(0, named_ns - sum(wall_ns for line, wall_ns in lines.items() if must_run_first(line.what)))
    evidence = [measured(line.what, f"{duration(lines[line] // len(ways))} in each") for line in dearest]
    if cost_ns - named_ns >= LEAST_SHARE * cost_ns:
        is_recorded = any(facts.statements(way.process) for way in ways)
        what = OTHERS if is_recorded else UNRECORDED
        evidence.append(f"{what}: {duration((cost_ns - named_ns) // len(ways))} in each")
    needed = sorted({imported.event.module for way in ways for imported in _needed(facts, way)})
    evidence += [f"not counted, as the target needs it: {names(needed)}"] if needed else []
    return Finding(
        rule=RULE,
        title=f"{name} is run again by {counted(len(ways), 'child', 'children')}",
        severity="warning",
        cost_ns=cost_ns,
        pids=[way.process.pid for way in ways],
        where=list(dict.fromkeys(line.place for line in dearest)) or [Place(script, 0)],
        evidence=[f"{duration(cost_ns // len(ways))} in each child, before its target can be found", *evidence],
        remedy=REMEDY + "".join(STAYS.format(line.what) for line in dearest if must_run_first(line.what)) + GUARD,
        taken=taken,
        predicted=Prediction(gain_ns, "nothing but definitions at the top level") if gain_ns else None,
    )


def _lines(facts: Facts, ways: Sequence[StartUp]) -> dict[Line, int]:
    """Return what the main module did in all children together, the dearest first.

    Statements where they were recorded; imports beside them where they were not, as each has its line too.
    """
    found: dict[Line, int] = defaultdict(int)
    for way in ways:
        for phase in facts.phases(way, PHASE):
            statements = [
                statement
                for statement in facts.statements(way.process)
                if statement.tid == phase.tid and phase.begin_ns <= statement.begin_ns < phase.end_ns
            ]
            files = {statements[0].file} if statements else set()  # that of the script: it is what began first
            own = [statement for statement in statements if statement.file in files]
            needed = _needed(facts, way)
            for statement in own:
                is_import = statement.source.startswith(IMPORTS)
                begins_ns = [each.begin_ns for each in needed if each.event.tid == statement.tid]
                if not (is_import and any(statement.begin_ns <= begin < statement.end_ns for begin in begins_ns)):
                    found[Line(Place(statement.file, statement.line), statement.source)] += statement.own_ns
            for imported in facts.roots(way.process):
                event = imported.event
                inside = (
                    imported not in needed
                    and phase.begin_ns <= imported.begin_ns < phase.end_ns
                    and event.tid == phase.tid
                )
                is_known = event.importer in LIBRARY or any(s.begin_ns <= imported.begin_ns < s.end_ns for s in own)
                if inside and not is_known:
                    line = Line(facts.place(way.process, event.importer, event.line), f"import {event.module}")
                    found[line] += imported.end_ns - imported.begin_ns
    return dict(sorted(found.items(), key=lambda item: -item[1]))
