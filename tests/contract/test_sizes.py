"""The sizes that keep the code readable, and the docstring that every module opens with."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
SOURCES = ("mptrace", "sitecustomize_example", "examples", "tests")
# Programs that are wrong on purpose are material, not code.
FILES = sorted(
    path
    for folder in SOURCES
    for path in (ROOT / folder).rglob("*.py")
    if "programs" not in path.relative_to(ROOT).parts and "golden" not in path.relative_to(ROOT).parts
)
each_file = pytest.mark.parametrize("path", [*FILES, ROOT / "noxfile.py"], ids=lambda path: str(path.relative_to(ROOT)))


@each_file
def test_file_is_short(path: Path) -> None:
    """No file has more than 300 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@each_file
def test_functions_are_short(path: Path) -> None:
    """No function has more than 40 lines, its docstring included."""
    functions = [
        (node.name, (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [(name, size) for name, size in functions if size > MAX_FUNCTION_LINES] == []


@each_file
def test_module_opens_with_a_docstring(path: Path) -> None:
    """Every module says what it is, and one of the runtime says that it is loaded in every traced process."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert path.relative_to(ROOT).parts[:2] != ("mptrace", "runtime") or "Runtime: " in docstring
