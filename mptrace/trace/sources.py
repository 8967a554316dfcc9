"""The statements of a source file, as it was when the host ran it.

Offline. What a journal says is only the name of a file: a file that is no longer the one that ran (by the time of its
last change and its size), or that cannot be parsed, has no statements. It is parsed, never executed.
"""

import ast
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import decode_source
from stat import S_ISREG

MAX_BYTES = 16 << 20
MAX_TEXT = 60


@dataclass(slots=True, eq=False)
class Statement:
    """One statement at the top level of a module, or several on one line: its lines, and how it begins.

    ``inner`` are those that it executes in its turn, each once and in order: the bodies of ``if``, ``try``, ``with``
    and ``match``. A loop has none, for its body is executed many times.
    """

    line: int
    first: int
    last: int
    text: str
    inner: list["Statement"] = field(default_factory=list)


class Source:
    """The statements of a module, by line."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self._paths: dict[int, Sequence[Statement]] = {}

    def path(self, line: int) -> Sequence[Statement]:
        """Return the statements that *line* belongs to, the outermost first; none where it belongs to none."""
        if line not in self._paths:
            self._paths[line] = _path(self.statements, line)
        return self._paths[line]


class NoSource(Source):
    """A module of which only lines are known: each is a statement of its own."""

    def __init__(self) -> None:
        super().__init__([])

    def path(self, line: int) -> Sequence[Statement]:
        """Return a statement of that line."""
        if line not in self._paths:
            self._paths[line] = [Statement(line, line, line, "")]
        return self._paths[line]


@lru_cache(maxsize=256)
def read(file: str, changed_ns: int, size: int) -> Source:
    """Return the statements of *file* as it was when it had been changed then and had that size."""
    try:
        # Looked at before it is opened: opening some files does something.
        status = os.stat(file)
        if not S_ISREG(status.st_mode) or (status.st_mtime_ns, status.st_size) != (changed_ns, size):
            return NoSource()
        with open(file, "rb") as opened:
            return parse(decode_source(opened.read(MAX_BYTES)))
    except (OSError, ValueError, SyntaxError):
        return NoSource()


@lru_cache(maxsize=16)
def parse(source: str) -> Source:
    """Return the statements of *source*; only its lines where this Python does not understand it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the host's code, of which the host has been warned
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return NoSource()
    return Source(_grouped(body, source.splitlines(), 0))


def _path(statements: Sequence[Statement], line: int) -> Sequence[Statement]:
    for statement in statements:
        if statement.first <= line <= statement.last:
            return [statement, *_path(statement.inner, line)]
    return []


def _grouped(nodes: Sequence[ast.stmt], lines: Sequence[str], header: int) -> list[Statement]:
    """Return *nodes* as statements. What begins on the line of another, or on line *header*, cannot be told from it."""
    found: list[Statement] = []
    for node in nodes:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        last = node.end_lineno or node.lineno
        if first == header:
            continue
        text = _text(lines, node)
        if found and first <= found[-1].last:
            found[-1].last = last
            found[-1].text = _short(f"{found[-1].text}; {text}")
            continue
        found.append(Statement(node.lineno, first, last, text, _grouped([*_inner(node)], lines, first)))
    return found


def _inner(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements that *node* executes once each. Those of ``elif`` are those of the ``if``."""
    if isinstance(node, ast.If | ast.Try | ast.TryStar | ast.With | ast.Match | ast.ExceptHandler | ast.match_case):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ExceptHandler | ast.match_case) or _is_elif(node, child):
                yield from _inner(child)
            elif isinstance(child, ast.stmt):
                yield child


def _is_elif(node: ast.AST, child: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(child, ast.If) and child.col_offset == node.col_offset


def _text(lines: Sequence[str], node: ast.stmt) -> str:
    """Return how a statement begins, as one line that is short enough to be read."""
    line = lines[node.lineno - 1].encode() if node.lineno <= len(lines) else b""  # columns are bytes
    is_one_line = node.end_lineno == node.lineno
    text = line[node.col_offset : node.end_col_offset if is_one_line else None].decode(errors="replace")
    is_block = isinstance(node, ast.Match) or bool(getattr(node, "body", None))
    return _short(text if is_one_line or is_block else f"{text} …")


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= MAX_TEXT else f"{words[: MAX_TEXT - 1].rstrip(' …')}…"
