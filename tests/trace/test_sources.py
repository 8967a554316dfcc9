"""The statements of a source file: their lines, their text, and what is inside them."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from mptrace.trace import sources
from mptrace.trace.sources import NoSource, Statement


def outline(source: str) -> list[tuple[int, int, int, str, list[object]]]:
    """Return the statements of *source* as tuples: line, first and last line, text, and those inside."""
    return _outline(sources.parse(source).statements)


def _outline(statements: Sequence[Statement]) -> list[tuple[int, int, int, str, list[object]]]:
    return [(found.line, found.first, found.last, found.text, [*_outline(found.inner)]) for found in statements]


def test_simple_statements() -> None:
    """One line each, without what follows in a comment; a longer one shows that it goes on."""
    source = "import json  # needed\n\nmodel = load(\n    'big',\n)\n"
    assert outline(source) == [(1, 1, 1, "import json", []), (3, 3, 5, "model = load( …", [])]


def test_statements_on_one_line_are_one() -> None:
    """Lines are what is measured: what shares one cannot be told apart."""
    source = "a = 1; b = 2; c = [\n]; d = 4\nif a: b = 3\n"
    assert outline(source) == [(1, 1, 2, "a = 1; b = 2; c = [ …; d = 4", []), (3, 3, 3, "if a: b = 3", [])]


def test_decorators_belong_to_what_they_decorate() -> None:
    """A function or class is known by its own line, and begins with its first decorator."""
    source = "@cache\n@retry(\n    3)\ndef load():\n    return 1\n@final\nclass A:\n    x = 1\n"
    assert outline(source) == [(4, 1, 5, "def load():", []), (7, 6, 8, "class A:", [])]


def test_blocks_that_are_executed_once_show_what_is_inside() -> None:
    """Those of if, try, with and match; what is decided in between belongs to the block itself."""
    source = (
        "if a:\n    b()\nelif c:\n    d()\nelse:\n    e()\n"
        "try:\n    f()\nexcept g:\n    h()\nelse:\n    i()\nfinally:\n    j()\n"
        "with k:\n    l()\n"
        "match m:\n    case n:\n        o()\n"
    )
    found = [(line, text, [(inner.line, inner.text) for inner in statement.inner])
             for statement in sources.parse(source).statements
             for line, text in [(statement.line, statement.text)]]  # fmt: skip
    assert found == [
        (1, "if a:", [(2, "b()"), (4, "d()"), (6, "e()")]),
        (7, "try:", [(8, "f()"), (10, "h()"), (12, "i()"), (14, "j()")]),
        (15, "with k:", [(16, "l()")]),
        (17, "match m:", [(19, "o()")]),
    ]


def test_loops_and_definitions_are_leaves() -> None:
    """A body that is executed many times, or later, is not told line by line."""
    source = "for a in b:\n    c()\nwhile d:\n    e()\ndef f():\n    g()\nclass H:\n    i()\n"
    assert [(line, last, inner) for line, _, last, _, inner in outline(source)] == [
        (1, 2, []), (3, 4, []), (5, 6, []), (7, 8, []),
    ]  # fmt: skip


def test_else_with_an_if_inside_is_not_an_elif() -> None:
    """The inner if is a statement of its own."""
    source = "if a:\n    b()\nelse:\n    if c:\n        d()\n"
    ((_, _, _, _, inner),) = outline(source)
    assert inner == [(2, 2, 2, "b()", []), (4, 4, 5, "if c:", [(5, 5, 5, "d()", [])])]


def test_long_text_is_cut() -> None:
    """What is drawn is one short line, whatever the source holds."""
    ((_, _, _, text, _),) = outline(f"name   =\t'{'x' * 100}'\n")
    assert text == f"name = '{'x' * 51}…"
    assert len(text) == sources.MAX_TEXT


def test_columns_are_bytes() -> None:
    """Text that is not ASCII is cut where the statement begins and ends."""
    assert outline("é = 'ü'; ö = 1\n") == [(1, 1, 1, "é = 'ü'; ö = 1", [])]
    ((_, _, _, _, inner),) = outline("if 'é':\n    ä = 'ö'  # ü\n")
    assert inner == [(2, 2, 2, "ä = 'ö'", [])]


def test_line_leads_to_its_statement() -> None:
    """The outermost first; a line between statements leads nowhere."""
    source = sources.parse("if a:\n    with b:\n        c()\n\n# nothing\nd()\n")
    assert [[found.line for found in source.path(line)] for line in (1, 3, 4, 5, 6)] == [[1], [1, 2, 3], [], [], [6]]


@pytest.mark.parametrize("text", ["def f(:", "\0", "(" * 2000, "é" * 3 + "="])
def test_source_that_cannot_be_parsed_is_lines(text: str) -> None:
    """Each line is a statement then, without text."""
    (statement,) = sources.parse(text).path(3)
    assert (statement.line, statement.text) == (3, "")


def read(path: Path, *, older_ns: int = 0, longer: int = 0) -> sources.Source:
    """Read *path* as the file that it is, or was."""
    status = path.stat()
    return sources.read(str(path), status.st_mtime_ns - older_ns, status.st_size + longer)


def test_file_is_read_in_its_encoding(tmp_path: Path) -> None:
    """The text of statements is decoded as Python decodes the file."""
    path = tmp_path / "app.py"
    path.write_bytes("# coding: latin-1\né = load('ü')\n".encode("latin-1"))
    assert [statement.text for statement in read(path).statements] == ["é = load('ü')"]


@pytest.mark.parametrize(("older_ns", "longer"), [(1, 0), (0, 1)])
def test_file_that_has_changed_is_not_believed(tmp_path: Path, older_ns: int, longer: int) -> None:
    """Another time of change, or another size: it is not what the host ran."""
    path = tmp_path / "app.py"
    path.write_text("load()\n")
    assert isinstance(read(path, older_ns=older_ns, longer=longer), NoSource)


def test_what_is_not_a_file_is_not_read(tmp_path: Path) -> None:
    """A journal may name anything: a pipe, a folder, a device, nothing."""
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    assert isinstance(read(pipe), NoSource)
    assert isinstance(read(tmp_path), NoSource)
    assert isinstance(read(Path("/dev/zero")), NoSource)
    assert isinstance(sources.read(str(tmp_path / "missing.py"), 0, 0), NoSource)
    assert isinstance(sources.read("a\0b", 0, 0), NoSource)


def test_file_that_is_not_text_is_lines(tmp_path: Path) -> None:
    """Bytes that are not of the encoding the file declares."""
    path = tmp_path / "app.py"
    path.write_bytes(b"# coding: ascii\n\xff\xfe\n")
    assert isinstance(read(path), NoSource)
    path.write_bytes(b"# coding: klingon\n")
    assert isinstance(read(path), NoSource)
