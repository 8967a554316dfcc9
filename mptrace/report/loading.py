"""What a person is told about the code that processes load: statements at the top level of modules, and imports.

Offline. The dearest statements, and trees of imports cut to what is worth reading.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mptrace.analysis import import_tree, named_spans, statements
from mptrace.analysis.import_tree import Node
from mptrace.analysis.statements import StatementCost
from mptrace.report.words import counted, cut_left, ms
from mptrace.trace.model import Process, Trace

STATEMENTS = 10
LINES = 20
LEAST_MS = 1.0
ASKED_LENGTH = 22  # with more, the table has lines of two
# Of what all imports took: less than this is left out of a tree.
LEAST_SHARE = 0.02
DEEPEST = 7


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One statement over all processes that executed it."""

    place: str
    source: str
    processes: int
    worst_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One module of a tree, ``depth`` below its root, by its name within the package of the module above it.

    ``asked_at`` is where it was first asked for: in the module above it, or else with the name of another.
    """

    depth: int
    name: str
    asked_at: str
    processes: int
    median_ms: float
    worst_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class ImportTree:
    """A tree of imports, line by line; ``omitted`` is how many modules are not worth a line."""

    title: str
    lines: Sequence[ImportLine]
    omitted: int


def statement_lines(processes: Iterable[Process]) -> list[StatementLine]:
    """Return the dearest statements that processes executed before they began their work."""
    lines = [
        StatementLine(
            _place(cost),
            cost.source,
            cost.processes,
            ms(cost.worst_ns),
            ms(cost.wall_ns),
        )
        for cost in statements.preparing(processes)[:STATEMENTS]
    ]
    return [line for line in lines if line.worst_ms >= LEAST_MS]


def _place(cost: StatementCost) -> str:
    return f"{os.path.basename(cost.file)}:{cost.line}"


def import_trees(processes: Sequence[Process]) -> list[ImportTree]:
    """Return the imports of all children together, or those of the main process where there are no children."""
    children = [process for process in processes if process.start]
    mains = [process for process in processes if process.role == "main"]
    whose = counted(len(children), "child", "children") if children else "the main process"
    if not children and len(mains) > 1:  # of several runs
        whose = counted(len(mains), "main process", "main processes")
    found = import_tree.trees(children or mains, with_self_times=False)
    return [
        *_tree(found.before, f"Imports of {whose}" + (" before ready" if children else "")),
        *_tree(found.after, f"Imports of {whose} after ready, in the midst of their work"),
    ]


def unmet_names(trace: Trace) -> list[str]:
    """Return a line for each name in MPTRACE_SPANS that came to nothing."""
    return [f"MPTRACE_SPANS: {name.name} never became a span: {name.reason}" for name in named_spans.unmet(trace)]


def _tree(root: Node, title: str) -> Iterator[ImportTree]:
    least_ms = max(LEAST_MS, LEAST_SHARE * ms(root.total_ns))
    everything = list(import_tree.walk(root))
    dear = [place for place in everything if ms(place[1].total_ns) >= least_ms and place[0] <= DEEPEST]
    if dear:
        yield ImportTree(title, [_line(*place) for place in dear[:LINES]], len(everything) - len(dear[:LINES]))


def _line(depth: int, node: Node, above: Node) -> ImportLine:
    asked_at = cut_left(f"{_within(node.importer, above)}:{node.line}", ASKED_LENGTH) if node.importer else ""
    return ImportLine(
        depth,
        _within(node.module, above),
        f"line {node.line}" if node.importer == above.module else asked_at,
        node.processes,
        ms(node.median_ns),
        ms(node.worst_ns),
        ms(node.total_ns),
    )


def _within(module: str, above: Node) -> str:
    """Return the name of a module as it is called within the package that *above* belongs to."""
    package = above.module.partition(".")[0]
    return module.removeprefix(package) if package and module.startswith(f"{package}.") else module
