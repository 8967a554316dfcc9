"""Call a function when the host has imported a module.

Runtime: loaded in every traced process that imports anything. Every import that executes a module ends with the
release of the module's lock, so one wrapper of importlib._bootstrap._ModuleLock.release (the same on 3.11 to 3.15)
sees them all. It has returned before any other code of the host runs: no frame of ours is on the stack or in a
traceback. A target is never imported in order to patch it.
"""

import sys

from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import failed, hide
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    Action = Callable[[ModuleType], object]

NAME = "hooks"

# Told the name of each module whose lock is about to be released, by the thread that held it, and since when it may be.
listener: "Callable[[str, int], None] | None" = None
_waiting: "dict[str, list[Action]]" = {}
_release: "Replacement | None" = None


def install() -> None:
    """Begin to watch imports."""
    global _release
    _release = replace(sys.modules["_frozen_importlib"]._ModuleLock, "release", _make_release)


def uninstall() -> None:
    """Watch no longer, and forget who was waiting."""
    global listener
    if _release:
        _release.restore()
    listener = None
    _waiting.clear()


def when_imported(target: str, action: "Action") -> None:
    """Call ``action(module)`` when *target* has been imported: now, if it is there and complete."""
    module = sys.modules.get(target)
    if module is not None and not is_initializing(module):
        action(module)
    else:
        _waiting.setdefault(target, []).append(action)


def is_initializing(module: "ModuleType | None") -> bool:
    """Return whether *module* is still being executed."""
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))


def _make_release(original: "Callable[[Any], None]") -> "Callable[[Any], None]":
    def release(self: "Any") -> None:
        # Whatever happens in ours, Ctrl-C included, the lock is released.
        try:
            end_ns = now_ns()
            name = self.name
            # First, and without giving way: other threads may use the module already, unchanged.
            if name in _waiting:
                _imported(name)
            if listener:
                listener(name, end_ns)
            # CPython looks for signals after a call into C. One that came meanwhile is to be raised here: at the first
            # step of the original it would keep that from being done.
            now_ns()
        except Exception as error:
            failed(NAME, error)
        finally:
            try:
                original(self)
            except BaseException as error:
                error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
                raise

    return hide(release)


def _imported(name: str) -> None:
    module = sys.modules.get(name)
    # Absent: the import failed. Initializing: a circular import, whose outermost release is still to come.
    if module is not None and not is_initializing(module):
        for action in _waiting.pop(name, ()):
            action(module)
