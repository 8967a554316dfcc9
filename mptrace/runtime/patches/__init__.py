"""The table of patches: one row for each host module that a patch changes.

Runtime: loaded in every traced process. A patch's file is loaded only when the host has imported its target, so a
program that never uses multiprocessing pays nothing for it. A new patch is one file and one row here.
"""

import sys

from mptrace.runtime import config, guard, hooks, journal, preload
from mptrace.runtime.clock import now_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

_installed: "list[tuple[str, Any]]" = []
_is_booting = False


# Which of our files changes which module of the host's: the name in MPTRACE_PATCHES and the journal, which several
# rows may share; the host's module; and the file under patches/, loaded when the host has imported that.
PATCHES = (
    ("imports", "_frozen_importlib", "imports"),
    ("extensions", "_frozen_importlib", "extensions"),
    ("exit", "os", "exit"),
    ("exec", "os", "exec"),
    # Collections are short until there are many objects. So the callback, which costs 0.1 ms to install, is kept out of
    # small processes: most libraries import typing, and whoever starts a process by fork hands the callback on.
    ("gc", "typing", "gc"),
    ("gc", "multiprocessing.popen_fork", "gc"),
    ("forks", "os", "forks"),
    ("process", "multiprocessing.process", "process_start"),
    ("process", "multiprocessing.popen_spawn_posix", "process_launch"),
    ("process", "multiprocessing.popen_forkserver", "process_launch"),
    ("process", "multiprocessing.popen_fork", "process_end"),
    ("process", "multiprocessing.util", "process_ready"),
    ("process", "multiprocessing.spawn", "process_spawn"),
    ("pool", "multiprocessing.pool", "pool"),
    ("pool", "multiprocessing.pool", "pool_worker"),
    ("pool", "concurrent.futures.process", "pool"),
    ("pool", "concurrent.futures.process", "pool_worker"),
    ("manager", "multiprocessing.managers", "manager"),
    ("preload", "multiprocessing.forkserver", "forkserver_preload"),
    # Not resource_tracker itself: every spawned child imports it, and hardly one starts another.
    ("server", "multiprocessing.synchronize", "server_start"),
    ("server", "multiprocessing.shared_memory", "server_start"),
    ("server", "multiprocessing.popen_spawn_posix", "server_start"),
    ("server", "multiprocessing.popen_forkserver", "server_start"),
    ("creations", "multiprocessing.synchronize", "creations"),
    ("creations", "multiprocessing.queues", "creations"),
    ("creations", "multiprocessing.shared_memory", "creations"),
    ("subprocess", "subprocess", "subprocess"),
    ("stuck", "multiprocessing.process", "stuck_children"),
    ("logging-locks", "logging", "logging_locks"),
    ("logging-locks", "dill._dill", "dill_locks"),
    ("statements", "runpy", "statements"),
    ("statements", "_frozen_importlib", "statements_named"),
    ("spans", "_frozen_importlib", "spans_by_name"),
)
# Files that are for some processes only: because the environment asks for them, or of what the process is.
IS_NEEDED = {
    "process_spawn": lambda: config.PART in ("child", "server"),
    "forkserver_preload": lambda: config.PART == "server",
    "statements": lambda: "main" in config.statements(),
    "statements_named": lambda: config.statements() not in ([], ["main"]),
    "spans_by_name": config.spans,
}
# Files that watch attributes; the others do without the file that this takes.
WATCH_ATTRIBUTES = (
    "creations",
    "forkserver_preload",
    "manager",
    "pool",
    "pool_worker",
    "process_end",
    "process_launch",
    "server_start",
    "subprocess",
)
IN_TRACKER = ("imports", "extensions", "exit", "logging_locks", "statements_named", "spans_by_name")


def install_all() -> None:
    """Install each patch that is wanted: now, or when its target comes to be imported."""
    global _is_booting
    guard.switch_off = uninstall
    _is_booting = True
    for name, target, file in PATCHES:
        if config.is_wanted(name) and _is_needed(file):
            hooks.when_imported(target, _installer(name, target, file))
    _is_booting = False


def add(name: str, module: "ModuleType") -> None:
    """Note that *module* has installed itself as part of the patch called *name*, and wants to be undone with it."""
    _installed.append((name, module))


def uninstall(name: str = "") -> None:
    """Undo the files of the patch called *name*, or all. The latest first, as they may lie on top of others."""
    for patch, module in reversed(_installed):
        if name in ("", patch):
            module.uninstall()
    _installed[:] = [row for row in _installed if name not in ("", row[0])]


def _is_needed(file: str) -> bool:
    # The resource tracker imports multiprocessing only to be there: it starts nothing, and never becomes ready.
    if config.PART == "tracker" and file not in IN_TRACKER:
        return False
    return file not in IS_NEEDED or bool(IS_NEEDED[file]())


def _installer(name: str, target: str, file: str) -> "Callable[[ModuleType], None]":
    def install(module: "ModuleType") -> None:
        """Load our file, and let it change the host's module, which has just been imported."""
        begin_ns = now_ns()
        try:
            needed = ("runtime/attributes.py",) if file in WATCH_ATTRIBUTES else ()
            preload((*needed, f"runtime/patches/{file}.py"))
            patch: Any = sys.modules[f"{__name__}.{file}"]
            _installed.append((name, patch))
            patch.install(module)
            if not _is_booting:  # what is loaded while booting is part of that
                journal.span(begin_ns, "tracer", f"patch {target}")
        except Exception as error:
            guard.failed(name, error)

    return install
