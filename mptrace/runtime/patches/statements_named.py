"""Imported modules whose top-level statements are to be timed: those that MPTRACE_STATEMENTS names.

Runtime: loaded only where it names any. The import system gives a module its attributes just before it executes it,
and that is when its statements are waited for; what reads and compiles it in between is left alone.
"""

from mptrace.runtime import config, preload
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "statements"

_init: "Replacement | None" = None
_patterns: "tuple[str, ...]" = ()


def install(bootstrap: "ModuleType") -> None:
    """Time the statements of the modules that are named."""
    global _init, _patterns
    _patterns = tuple(config.statements())
    _init = replace(bootstrap, "_init_module_attrs", _make_init_module_attrs)


def uninstall() -> None:
    """Time no more of them."""
    if _init:
        _init.restore()


def _make_init_module_attrs(original: "Any") -> "Any":
    found = guarded(NAME, _found)

    def _init_module_attrs(spec: "Any", module: "Any", **override: bool) -> "Any":
        found(spec)
        return original(spec, module, **override)

    return hide(_init_module_attrs)


def _found(spec: "Any") -> None:
    # Of another kind of module no code will begin, and it would be waited for in vain.
    if str(spec.origin).endswith(".py") and is_named(spec.name, _patterns):
        preload(("runtime/statements.py",))
        from mptrace.runtime import statements

        statements.watch(spec.name)


def is_named(module: str, patterns: "tuple[str, ...]") -> bool:
    """Return whether one of *patterns* is the module's name, or how it begins and a ``*``."""
    return any(module == word or (word[-1] == "*" and module.startswith(word[:-1])) for word in patterns)
