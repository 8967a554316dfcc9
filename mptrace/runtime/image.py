"""Write the .pyc of some files anew, with the code of others in them that are loaded together.

Runtime: loaded by the first traced root process that finds no such image, or one that is out of date. What it writes
are .pyc files like any other, by the rules of PEP 552: Python makes them anew when their source changes, and
uninstalling removes them. Where .pyc files are not written (PYTHONDONTWRITEBYTECODE, a folder of somebody else's)
there are none, and each traced process spends about a millisecond more.
"""

import marshal
import os
import sys

from mptrace import runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

# What is loaded along with which file: by every traced process, by one that imports anything, by one that uses
# multiprocessing, as each spawned child does, and by one that starts processes otherwise than by fork.
IMAGES = {
    "runtime/__init__.py": (
        "records.py",
        "runtime/boot.py",
        "runtime/clock.py",
        "runtime/config.py",
        "runtime/guard.py",
        "runtime/journal.py",
        "runtime/lifecycle.py",
    ),
    "runtime/patching.py": (
        "runtime/hooks.py",
        "runtime/patches/__init__.py",
        "runtime/patches/exec.py",
        "runtime/patches/exit.py",
        "runtime/patches/extensions.py",
        "runtime/patches/forks.py",
        "runtime/patches/imports.py",
    ),
    "runtime/patches/process_start.py": (
        "runtime/attributes.py",
        "runtime/patches/gc.py",
        "runtime/patches/process_ready.py",
        "runtime/patches/process_spawn.py",
        "runtime/patches/statements.py",
        "runtime/patches/stuck_children.py",
        "runtime/patches/subprocess.py",
    ),
    "runtime/patches/process_launch.py": (
        "runtime/patches/process_end.py",
        "runtime/patches/server_start.py",
    ),
}
# PyCF_ONLY_AST (Include/cpython/compile.h): compile() is to return the syntax tree.
ONLY_AST = 0x400
# What stands in a source for the image.
EMPTY = (("no image", (b"", None)),)


def write() -> None:
    """Make the images, if they can be kept. Raises OSError."""
    if not sys.dont_write_bytecode:
        for carrier, files in IMAGES.items():
            _write(carrier, files)


def _write(carrier: str, files: "tuple[str, ...]") -> None:
    external: Any = sys.modules["_frozen_importlib_external"]
    cached = external.cache_from_source(runtime.root + carrier)
    folder = os.path.dirname(cached)
    if os.path.exists(folder) and not os.access(folder, os.W_OK):
        return
    # Makes it where it can be, if it was not needed so far, or is of another version of its source.
    name = runtime.name_of(carrier)
    external.SourceFileLoader(name, runtime.root + carrier).get_code(name)
    if not os.path.exists(cached):
        return
    with open(cached, "rb") as file:
        header = file.read(16)
    if header[4:8] != bytes(4):
        return  # it is to be compared with the source's hash, which would cost each process what the image saves
    code = _compile(carrier)
    image = tuple((file, (runtime.stamp_of(file), _compile(file))) for file in files)
    consts = tuple(image if const == EMPTY else const for const in code.co_consts)
    _replace(cached, header + marshal.dumps(code.replace(co_consts=consts)))


def _compile(file: str) -> "CodeType":
    """Return the code of *file* without docstrings and annotations: the less there is, the sooner it is loaded."""
    path = runtime.root + file
    with open(path, "rb") as source:
        tree: Any = compile(source.read(), path, "exec", ONLY_AST, dont_inherit=True)
    _strip(tree)
    code: CodeType = compile(tree, path, "exec", dont_inherit=True, optimize=2)
    return code


def _strip(node: "Any") -> None:
    """Take away the annotations below *node* of a syntax tree. The module ast is not there, the nodes suffice."""
    for field in node._fields:
        value = getattr(node, field, None)
        if field in ("annotation", "returns") and type(node).__name__ != "AnnAssign":
            setattr(node, field, None)
        elif isinstance(value, list):
            value[:] = [_assignment(child) if type(child).__name__ == "AnnAssign" else child for child in value]
            for child in value:
                if hasattr(child, "_fields"):
                    _strip(child)
        elif hasattr(value, "_fields"):
            _strip(value)


def _assignment(node: "Any") -> "Any":
    """Return an annotated assignment without its annotation; one that only declares becomes nothing."""
    tree: Any = compile("name = value" if node.value else "pass", "", "exec", ONLY_AST)
    plain = tree.body[0]
    if node.value:
        plain.targets, plain.value = [node.target], node.value
    return plain


def _replace(path: str, data: bytes) -> None:
    """Put *data* in the place of a file that others may be reading: all of it, or nothing. Raises OSError."""
    temporary = f"{path}.{os.getpid()}"
    file = open(temporary, "xb")
    try:
        # Buffered, which goes on after a write that was cut short, where os.write() would leave half a .pyc.
        with file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
