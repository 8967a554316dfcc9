"""From the lines that a module has come to, to the statements that took the time.

Offline. A line lasts until the next one is reached. It belongs to a statement of the source, which may have many
lines; where the source is not to be had, lines stand alone.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from sys import intern
from textwrap import dedent

from mptrace.records import IMPORT, LINES, PHASE, PROCESS
from mptrace.trace import sources
from mptrace.trace.model import Span
from mptrace.trace.reader import NAMES
from mptrace.trace.sources import Source, Statement
from mptrace.trace.table import Table

Records = Mapping[str, Table]
# A body that was executed: its thread, its module, its file and what identified that.
Key = tuple[int, str, str, int, int]
# When a line was reached, and which; 0 is the end of the body.
Moment = tuple[int, int]

MAIN_AGAIN = "__mp_main__"
OVER = 0
COMMAND = "<string>"  # of python -c


def spans(records: Records, at: Callable[[int], int]) -> list[Span]:
    """Return the statements that one journal tells of, as spans; *at* puts its clock on the trace's."""
    bodies: dict[Key, list[Moment]] = {}
    for tid, _, module, file, changed_ns, size, moments in records.get(LINES, ()):
        bodies.setdefault((tid, module, file, changed_ns, size), []).extend(_pairs(moments))
    found: list[Span] = []
    for key, reached in bodies.items():
        reached.sort(key=lambda moment: moment[0])
        for statement, begin_ns, end_ns in _intervals(reached, _source(key, records)):
            over_ns = _known_end_ns(key, begin_ns, records) if end_ns is None else end_ns
            found.append(_span(key, statement, at(begin_ns), None if over_ns is None else at(over_ns)))
    return found


def _pairs(moments: Sequence[object]) -> Iterator[Moment]:
    for at_ns, line in zip(moments[::2], moments[1::2], strict=False):
        if type(at_ns) is int and type(line) is int:
            yield at_ns, line


def _source(key: Key, records: Records) -> Source:
    _, _, file, changed_ns, size = key
    if file != COMMAND:
        return sources.read(file, changed_ns, size)
    argv = records[PROCESS].columns[NAMES[PROCESS].index("argv")][0]
    return sources.parse(dedent(str(argv[argv.index("-c") + 1]))) if "-c" in argv[:-1] else sources.NoSource()


def _intervals(reached: Sequence[Moment], source: Source) -> Iterator[tuple[Statement, int, int | None]]:
    """Yield each statement with when it began and ended, None for one that was still open at the last moment."""
    open_: list[tuple[Statement, int]] = []
    for at_ns, line in reached:
        path = source.path(line) if line != OVER else []
        kept = 0
        while kept < min(len(open_), len(path)) and open_[kept][0] is path[kept]:
            kept += 1
        while len(open_) > kept:
            yield *open_.pop(), at_ns
        open_ += [(statement, at_ns) for statement in path[kept:]]
    for statement, begin_ns in open_:
        yield statement, begin_ns, None


def _known_end_ns(key: Key, begin_ns: int, records: Records) -> int | None:
    """Return when a statement without an end must have been over: an exception ended its module, which others saw."""
    tid, module = key[:2]
    ends_ns = [
        end_ns
        for _, phase_ns, end_ns, name, *_ in records.get(PHASE, ())
        if name == "main-module" and module == MAIN_AGAIN and phase_ns <= begin_ns
    ]
    for import_tid, import_ns, wall_ns, name, importer, *_ in records.get(IMPORT, ()):
        if import_tid == tid:
            if name == module and import_ns <= begin_ns:
                ends_ns.append(import_ns + wall_ns)
            if not importer and import_ns > begin_ns:
                ends_ns.append(import_ns)  # no code asked for it: none was running on this thread
    return min((end_ns for end_ns in ends_ns if end_ns > begin_ns), default=None)


def _span(key: Key, statement: Statement, begin_ns: int, end_ns: int | None) -> Span:
    tid, _, file, *_ = key
    name = f"{os.path.basename(file)}:{statement.line} {statement.text}".rstrip()
    return Span("statement", intern(name), tid, begin_ns, end_ns, {"file": file, "line": statement.line})
