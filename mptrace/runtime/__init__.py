"""What lives inside a traced process, and how it gets there.

Runtime: loaded in every traced process. It imports only what the interpreter has already loaded or has compiled in,
never fails in sight of the host, and writes down what happened; understanding is left to the offline half.

The files are small, one thing each, and an import costs some 100 µs whatever it finds: a tenth of a bare
interpreter's start for the lot. So they are loaded here from their .pyc, by the rules of the import system (PEP 552)
but without its search; what cannot be had that way is imported as usual.
"""

import marshal
import sys
from os import O_CLOEXEC, O_RDONLY
from os import close as _close
from os import open as _open
from os import read as _read
from os import stat as _stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

# Bytes. Twice our largest, and small enough to be read without the kernel being asked for memory.
MAX_PYC = 1 << 16
# Of this Python and its optimisation level; a .pyc kept elsewhere (PYTHONPYCACHEPREFIX) will not be found.
_pyc_suffix = (__spec__.cached or "").rpartition("/__init__")[2]


def preload(files: "tuple[str, ...]") -> None:
    """Load *files* of this package from their .pyc where those are up to date."""
    external = sys.modules["_frozen_importlib_external"]
    root = __file__.removesuffix("runtime/__init__.py")
    for file in files:
        name = f"mptrace.{file.removesuffix('.__init__')}"
        if name not in sys.modules and not _load(name, root + file.replace(".", "/"), external):
            return


def _load(name: str, stem: str, external: "ModuleType") -> bool:
    """Make the module *name* from the .pyc of *stem*.py; return False, with nothing done, if that is not possible."""
    path = f"{stem}.py"
    folder, _, file = stem.rpartition("/")
    parent, _, child = name.rpartition(".")
    cached = f"{folder}/__pycache__/{file}{_pyc_suffix}"
    try:
        descriptor = _open(cached, O_RDONLY | O_CLOEXEC)
        try:
            data = _read(descriptor, MAX_PYC)
        finally:
            _close(descriptor)
        status = _stat(path)
        package = sys.modules[parent]
    except (OSError, KeyError):
        return False  # or the host took us out of sys.modules
    stamp = (int(status.st_mtime) & 0xFFFFFFFF) | (status.st_size & 0xFFFFFFFF) << 32
    head = external.MAGIC_NUMBER + bytes(4) + stamp.to_bytes(8, "little")
    if len(data) == MAX_PYC or data[:16] != head:
        return False
    loader = external.SourceFileLoader(name, path)
    spec = external._bootstrap.ModuleSpec(name, loader, origin=path, is_package=path.endswith("/__init__.py"))
    spec._set_fileattr, spec._cached = True, cached
    if spec.submodule_search_locations is not None:
        spec.submodule_search_locations.append(folder)
    module = external._bootstrap.module_from_spec(spec)
    code = marshal.loads(data[16:])
    sys.modules[name] = module
    exec(code, vars(module))
    setattr(package, child, module)
    return True
