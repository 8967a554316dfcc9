"""What lives inside a traced process, and how it gets there.

Runtime: loaded in every traced process. It imports only what the interpreter has already loaded or has compiled in,
never fails in sight of the host, and writes down what happened; understanding is left to the offline half.

The files are small, one thing each, and to import one costs some 100 us whatever it finds: a tenth of a bare
interpreter's start for the lot. So image.py writes the .pyc of this file anew, with the code of those in it that every
traced process loads. What no image holds is loaded from its own .pyc, also without a search.
"""

import sys
from os import stat as _stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType

    Image = tuple[tuple[str, tuple[bytes, CodeType | None]], ...]

# The stamp and code of other files. This is what stands here before image.py puts them in its place.
IMAGE: "Image" = (("no image", (b"", None)),)

# Whether an image was missing, or found to hold the code of what has changed since.
is_outdated = False
root = __file__.removesuffix("runtime/__init__.py")
_external = sys.modules["_frozen_importlib_external"]
_image = dict(IMAGE)


def start() -> None:
    """Trace this process, if the environment says so and it is not done yet."""
    if not _is_main_interpreter():
        return
    preload(("runtime/boot.py",))
    from mptrace.runtime import boot

    boot.start()


def preload(files: "tuple[str, ...]") -> bool:
    """Load *files* of our package, unless they are, without the import system's search. Raises OSError.

    Return whether all that were missing came from an image.
    """
    global is_outdated
    is_whole = True
    for file in files:
        name = name_of(file)
        if name in sys.modules:
            continue
        stamp, code = _image.pop(file, (b"", None))
        if code is None or stamp != stamp_of(file):
            is_whole = False
            is_outdated |= code is not None
            code = _external.SourceFileLoader(name, root + file).get_code(name)
        module = _module(name, file)
        exec(code, vars(module))
        # Only now may other threads see it.
        sys.modules[name] = module
        package, _, child = name.rpartition(".")
        if package in sys.modules:  # unless the host took it out
            setattr(sys.modules[package], child, module)
    return is_whole


def unpack(image: "Image") -> None:
    """Note what a .pyc that image.py has written holds of other files."""
    global is_outdated
    _image.update(image)
    is_outdated |= image[0][0] == "no image"


def name_of(file: str) -> str:
    """Return the name of the module that a file of our package holds."""
    return f"mptrace/{file[:-3]}".removesuffix("/__init__").replace("/", ".")


def stamp_of(file: str) -> bytes:
    """Return what tells one version of a file of our package from another. Raises OSError."""
    status = _stat(root + file)
    return b"%d %d" % (status.st_mtime_ns, status.st_size)


def _is_main_interpreter() -> bool:
    """Return whether this is not a sub-interpreter: those are left alone, they share our process but not our state."""
    thread = sys.modules["_thread"]
    if hasattr(thread, "_is_main_interpreter"):  # 3.13
        return bool(thread._is_main_interpreter())
    # Only the main interpreter may set the wake-up descriptor; there the call gets as far as finding that -2 is none.
    try:
        sys.modules["_signal"].set_wakeup_fd(-2)
    except ValueError:
        return False
    except OSError:
        return True
    return True


def _module(name: str, file: str) -> "ModuleType":
    """Return an empty module *name*, of our package's *file*, that looks as if it were being imported from there."""
    module = type(sys)(name)
    module.__file__ = path = root + file
    module.__loader__ = loader = _external.SourceFileLoader(name, path)
    module.__spec__ = spec = _external._bootstrap.ModuleSpec(name, loader, origin=path)
    module.__package__ = name.rpartition(".")[0]
    spec.has_location = True
    if file.endswith("__init__.py"):
        module.__path__ = spec.submodule_search_locations = [path[: -len("/__init__.py")]]
        module.__package__ = name
    return module
