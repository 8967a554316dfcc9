"""multiprocessing.spawn: what a spawn or forkserver child does before it is ready.

Runtime: loaded in such a child, and in a forkserver, whose children it is for. The child receives its preparation,
runs the main module again, unpickles its process, and bootstraps. None of these is wrapped, because the host's code
runs inside: they are told apart by small functions that are called at their borders. set_start_method() ends the
preparation, the exit of runpy's temporary module the main module, and _main() asks for the current process before
and after it all.
"""

import sys

from mptrace.runtime import config, lifecycle
from mptrace.runtime.clock import get_frame
from mptrace.runtime.guard import guarded
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "process"
MAIN_NAME = "__mp_main__"

_replacements: "list[Replacement]" = []
_stage = ""


def install(spawn: "ModuleType") -> None:
    """Record the phases of this process, which is being spawned, or of those forked from this server."""
    lifecycle.at_ready.append(uninstall)
    if config.PART == "child":
        lifecycle.phase("bootstrap-import")
        _watch(spawn)
    else:
        lifecycle.load_forks()  # now, so that no child need
        lifecycle.in_child.append(lambda: _watch(spawn))


def uninstall() -> None:
    """Take the markers off: once the child is ready they would only cost. What it forks is at none of its stages."""
    global _stage
    _stage = ""
    while _replacements:
        _replacements.pop().restore()


def _watch(spawn: "ModuleType") -> None:
    global _stage
    _stage = ""
    process, runpy = sys.modules["multiprocessing.process"], sys.modules["runpy"]
    _replacements.append(replace(process, "current_process", _make_current_process(spawn._main.__code__)))
    _replacements.append(replace(spawn, "set_start_method", _make_set_start_method))
    _replacements.append(replace(runpy._TempModule, "__exit__", _make_exit))


def _make_current_process(main_code: "Any") -> "Any":
    entered = guarded(NAME, _main_called)

    def make(original: "Any") -> "Any":
        def current_process() -> "Any":
            if get_frame(1).f_code is main_code:
                entered()
            return original()

        return current_process

    return make


def _main_called() -> None:
    """Note that _main() asks for the current process: as it begins, and when the process has been unpickled."""
    global _stage
    if not _stage:
        _stage = "receive"
    elif sys.exc_info()[0] is None:
        lifecycle.phase("unpickle")
    else:
        lifecycle.phase(_stage)  # where it failed


def _make_set_start_method(original: "Any") -> "Any":
    prepared = guarded(NAME, _prepared)

    def set_start_method(*args: "Any", **kwargs: "Any") -> "Any":
        try:
            return original(*args, **kwargs)
        finally:
            prepared()

    return set_start_method


def _prepared() -> None:
    global _stage
    if _stage == "receive":
        lifecycle.phase("receive")
        _stage = "main-module"


def _make_exit(original: "Any") -> "Any":
    ran = guarded(NAME, _main_module_ran)

    def __exit__(self: "Any", *args: "Any") -> "Any":
        try:
            return original(self, *args)
        finally:
            ran(self.mod_name)

    return __exit__


def _main_module_ran(name: str) -> None:
    global _stage
    if _stage == "main-module" and name == MAIN_NAME:
        lifecycle.phase("main-module")
        _stage = "unpickle"
