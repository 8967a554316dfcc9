"""runpy: the main module, run once more in a child, or by a program that runs another one.

Runtime: loaded where runpy is, unless MPTRACE_STATEMENTS says otherwise. runpy puts the module in its place just
before it runs the code, which is in reach then; no function around the code is replaced.
"""

import os

from mptrace.runtime import preload
from mptrace.runtime.clock import get_frame
from mptrace.runtime.guard import guarded
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "statements"
MAIN_NAMES = ("__main__", "__mp_main__")

_enter: "Replacement | None" = None


def install(runpy: "ModuleType") -> None:
    """Time the statements of each main module that runpy runs."""
    global _enter
    _enter = replace(runpy._TempModule, "__enter__", _make_enter)


def uninstall() -> None:
    """Time no more of them."""
    if _enter:
        _enter.restore()


def _make_enter(original: "Any") -> "Any":
    entered = guarded(NAME, _entered)

    def __enter__(self: "Any") -> "Any":
        result = original(self)
        entered(self.mod_name)
        return result

    return __enter__


def _entered(name: str) -> None:
    if name in MAIN_NAMES:
        preload(("runtime/statements.py",))
        from mptrace.runtime import statements

        # Above us are guarded(), our __enter__(), and the function of runpy's that will run the code. The module has
        # no __file__ yet; run_path() compiles under the name that it was given, which may be relative.
        code = get_frame(3).f_locals["code"]
        statements.begin(code, name, os.path.abspath(code.co_filename))
