"""The table of patches: one row for each host module that a patch changes.

Runtime: loaded in every traced process. A patch's file is loaded only when the host has imported its target, so a
program that never uses multiprocessing pays nothing for it. A new patch is one file and one row here.
"""

from mptrace.runtime import config, guard, hooks, journal, preload
from mptrace.runtime.clock import now_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_installed: "list[tuple[str, Any]]" = []
_is_booting = False


class Patch:
    """A row of the table: which file changes which module of the host's.

    ``name`` is what MPTRACE_PATCHES and the journal call it; several rows may share one. ``target`` is the host's
    module. ``module`` is the file of ours under patches/, loaded when the host has imported the target.
    """

    __slots__ = ("module", "name", "target")

    def __init__(self, name: str, target: str, module: str) -> None:
        self.name = name
        self.target = target
        self.module = module

    def __call__(self, target: "ModuleType") -> None:
        """Load our file, and let it change the host's module, which has just been imported."""
        begin_ns = now_ns()
        try:
            # The first are of modules that are always there; they have no use for attributes.
            preload((*(() if _is_booting else ("runtime/attributes.py",)), f"runtime/patches/{self.module}.py"))
            module = __import__(f"{__name__}.{self.module}", None, None, ("install",))
            if not _is_booting:  # what is loaded while booting is part of that
                journal.span(begin_ns, "tracer", f"patch {self.target}")
            _installed.append((self.name, module))
            module.install(target)
        except Exception as error:
            guard.failed(self.name, error)


PATCHES = (
    Patch("imports", target="_frozen_importlib", module="imports"),
    Patch("extensions", target="_frozen_importlib", module="extensions"),
    Patch("exit", target="os", module="exit"),
    Patch("exec", target="os", module="exec"),
    # Collections are short until there are many objects. So the callback, which costs 0.1 ms to install, is kept out of
    # small processes: most libraries import typing, and whoever starts a process by fork hands the callback on.
    Patch("gc", target="typing", module="gc"),
    Patch("gc", target="multiprocessing.popen_fork", module="gc"),
    Patch("forks", target="os", module="forks"),
    Patch("process", target="multiprocessing.process", module="process_start"),
    Patch("process", target="multiprocessing.popen_spawn_posix", module="process_launch"),
    Patch("process", target="multiprocessing.popen_forkserver", module="process_launch"),
    Patch("process", target="multiprocessing.popen_fork", module="process_end"),
    Patch("process", target="multiprocessing.util", module="process_ready"),
    Patch("process", target="multiprocessing.spawn", module="process_spawn"),
    Patch("pool", target="multiprocessing.pool", module="pool"),
    Patch("pool", target="multiprocessing.pool", module="pool_worker"),
    Patch("pool", target="concurrent.futures.process", module="pool"),
    Patch("pool", target="concurrent.futures.process", module="pool_worker"),
    Patch("manager", target="multiprocessing.managers", module="manager"),
    Patch("preload", target="multiprocessing.forkserver", module="forkserver_preload"),
    # Not resource_tracker itself: every spawned child imports it, and hardly one starts another.
    Patch("server", target="multiprocessing.synchronize", module="server_start"),
    Patch("server", target="multiprocessing.shared_memory", module="server_start"),
    Patch("server", target="multiprocessing.popen_spawn_posix", module="server_start"),
    Patch("server", target="multiprocessing.popen_forkserver", module="server_start"),
    Patch("creations", target="multiprocessing.synchronize", module="creations"),
    Patch("creations", target="multiprocessing.queues", module="creations"),
    Patch("creations", target="multiprocessing.shared_memory", module="creations"),
    Patch("subprocess", target="subprocess", module="subprocess"),
    Patch("stuck", target="multiprocessing.process", module="stuck_children"),
    Patch("logging-locks", target="logging", module="logging_locks"),
    Patch("logging-locks", target="dill._dill", module="dill_locks"),
    Patch("statements", target="runpy", module="statements"),
    Patch("statements", target="_frozen_importlib", module="statements_named"),
    Patch("spans", target="_frozen_importlib", module="spans_by_name"),
)
# Files that are for some processes only: because the environment asks for them, or of what the process is.
IS_NEEDED = {
    "process_spawn": lambda: config.part() in ("child", "server"),
    "forkserver_preload": lambda: config.part() == "server",
    "statements": lambda: "main" in config.statements(),
    "statements_named": lambda: config.statements() not in ([], ["main"]),
    "spans_by_name": config.spans,
}


def install_all() -> None:
    """Install each patch that is wanted: now, or when its target comes to be imported."""
    global _is_booting
    guard.switch_off = uninstall
    _is_booting = True
    for patch in PATCHES:
        if config.is_wanted(patch.name) and _is_needed(patch):
            hooks.when_imported(patch.target, patch)
    _is_booting = False


def uninstall(name: str = "") -> None:
    """Undo the files of the patch called *name*, or all. The latest first, as they may lie on top of others."""
    for patch, module in reversed(_installed):
        if name in ("", patch):
            module.uninstall()
    _installed[:] = [row for row in _installed if name not in ("", row[0])]


def _is_needed(patch: Patch) -> bool:
    # The resource tracker imports multiprocessing only to be there: it starts nothing, and never becomes ready.
    if config.part() == "tracker" and patch.target.startswith("multiprocessing."):
        return False
    return patch.module not in IS_NEEDED or bool(IS_NEEDED[patch.module]())
