"""The table of layers: which part of mptrace may import which, and what a traced process may load at all."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "mptrace").rglob("*.py"))

# What every interpreter has loaded by the time `site` runs, or has compiled in.
FREE = {
    "_functools", "_imp", "_thread", "atexit", "codecs", "errno", "gc", "io", "itertools", "marshal", "os", "sys",
    "time",
}  # fmt: skip
OFFLINE = {"analysis", "errors", "launcher", "records", "report", "trace"}

# For each layer, the layers of mptrace and the packages of others that it may import. Its own files are its own.
LAYERS: dict[str, tuple[set[str], set[str]]] = {
    "records": (set(), set()),
    "errors": (set(), set()),
    "runtime": ({"records"}, FREE),
    "trace": ({"records", "errors"}, {"orjson"}),
    "analysis": ({"trace"}, set()),
    "report": ({"analysis", "trace"}, {"jinja2", "markupsafe", "rich"}),
    "launcher": ({"runtime.config", "runtime.run", "records", "trace", "errors"}, {"psutil"}),
    "decorators": ({"runtime.spans"}, {"wrapt"}),
    "commands": (OFFLINE | {"runtime.config", "runtime.run"}, {"click", "rich"}),
    "__main__": ({"commands"}, set()),
}
# What a file may import beside its layer: MPTRACE_SPANS asks for the decorator, which the host did not import.
OPT_IN = {"mptrace.runtime.patches.spans_by_name": {"mptrace.decorators.traced"}}
# The standard library is free for what runs beside or after the host.
WITHOUT_LIBRARY = {"records", "errors", "runtime"}


def layer_of(module: str) -> str:
    """Return the layer of a dotted name below mptrace."""
    return module.split(".")[1] if "." in module else ""


def module_of(path: Path) -> str:
    """Return the dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_for_types(node: ast.stmt) -> bool:
    """Return whether *node* is `if TYPE_CHECKING:`, which never runs."""
    return isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING"


def imports(tree: ast.AST, package: str) -> Iterator[tuple[str, int]]:
    """Yield the dotted name and line of each import that can run, inside functions as well."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and is_for_types(node):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: -node.level + 1 or None]) if node.level else ""
            name = ".".join(filter(None, (base, node.module)))
            # `from mptrace.runtime import config` imports mptrace.runtime.config.
            yield from ((f"{name}.{alias.name}" if is_ours(name) else name, node.lineno) for alias in node.names)
        else:
            yield from imports(node, package)


def is_ours(name: str) -> bool:
    """Return whether a dotted name is in mptrace."""
    return name.partition(".")[0] == "mptrace"


def is_allowed(name: str, layer: str) -> bool:
    """Return whether a file of *layer* may import *name*."""
    layers, packages = LAYERS[layer]
    if is_ours(name):
        inside = name.removeprefix("mptrace.") + "."
        return any(inside.startswith(f"{allowed}.") for allowed in layers | {layer})
    top = name.partition(".")[0]
    return top in packages or (layer not in WITHOUT_LIBRARY and top in sys.stdlib_module_names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_imports_only_what_its_layer_may(path: Path) -> None:
    """Every import in a file is in the row of its layer."""
    module = module_of(path)
    layer = layer_of(module)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = list(imports(ast.parse(path.read_text(encoding="utf-8")), package))
    if layer:
        beside = OPT_IN.get(module, set())
        assert [(name, line) for name, line in found if not is_allowed(name, layer) and name not in beside] == []


def test_package_itself_imports_nothing_when_imported() -> None:
    """`import mptrace` runs no import statement: names are resolved on first use."""
    tree = ast.parse((ROOT / "mptrace/__init__.py").read_text(encoding="utf-8"))
    statements = [node for node in tree.body if not isinstance(node, ast.FunctionDef)]
    assert list(imports(ast.Module(statements, []), "mptrace")) == []


@pytest.mark.parametrize(
    ("statement", "layer", "expected"),
    [
        ("import json", "runtime", False),
        ("import os.path", "runtime", True),
        ("def f():\n    import threading", "runtime", False),
        ("if TYPE_CHECKING:\n    import threading", "runtime", True),
        ("from mptrace import records", "runtime", True),
        ("from mptrace.trace import model", "runtime", False),
        ("from mptrace.runtime import config", "launcher", True),
        ("from mptrace.runtime import journal", "launcher", False),
        ("from mptrace.runtime.configuration import x", "launcher", False),
        ("import rich.table", "commands", True),
        ("import rich.table", "trace", False),
        ("from mptrace.commands import main", "report", False),
        ("from . import config", "runtime", True),
        ("from ..trace import model", "runtime", False),
    ],
)
def test_layer_check_tells_right_from_wrong(statement: str, layer: str, expected: bool) -> None:
    """The check sees imports in functions, relative ones and submodules, and skips what is for types only."""
    found = imports(ast.parse(statement), f"mptrace.{layer}")
    assert all(is_allowed(name, layer) for name, _ in found) is expected
