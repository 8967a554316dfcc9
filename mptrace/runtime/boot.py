"""Turn tracing on in this process.

Runtime: loaded in every traced process, by the line in a0_mptrace.pth, by the example's sitecustomize, or by
mptrace.start(). It may be called more than once: before 3.15 a virtual environment runs every .pth file twice.
"""

import os
import sys
from time import monotonic_ns

from mptrace.runtime import preload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# In the order in which they need one another. What only serves the root process, or records the host's doings, comes
# when it is needed.
FILES = (
    "records.py",
    "runtime/clock.py",
    "runtime/config.py",
    "runtime/journal.py",
    "runtime/guard.py",
    "runtime/lifecycle.py",
)
ROOT_FILES = ("runtime/run.py",)
PATCH_FILES = (
    "runtime/patching.py",
    "runtime/hooks.py",
    "runtime/patches/__init__.py",
    "runtime/patches/imports.py",
)
_begin_ns = monotonic_ns()
_booted = False
_has_image = False


def start() -> None:
    """Trace this process if the environment says so. Nothing is raised, or printed, in the host's sight."""
    global _booted, _has_image
    if _booted:
        return
    _booted = True
    _has_image = preload(FILES)
    from mptrace.runtime import config, guard

    if config.is_on():
        guard.is_strict = config.is_strict()
        guard.guarded("boot", _boot)()


def start_here(folder: str) -> None:
    """Trace this running process into the run *folder*, for mptrace.start(). Raises OSError when that fails."""
    begin_ns = monotonic_ns()
    _begin(folder, "start", begin_ns)
    install_patches()


def stop() -> None:
    """Undo every patch and close the journal."""
    from mptrace.runtime import hooks, journal, lifecycle, patches

    patches.uninstall()
    hooks.uninstall()
    lifecycle.end()
    journal.close()


def install_patches() -> None:
    """Change the host's modules, those already there and those to come."""
    from mptrace.runtime import journal

    begin_ns = monotonic_ns()
    preload(PATCH_FILES)
    from mptrace.runtime import guard, hooks, patches

    hooks.install()
    if hooks.is_initializing(sys.modules.get("site")):
        hooks.when_imported("site", guard.guarded("boot", lambda _: _site_is_over()))
    patches.install_all()
    journal.span(begin_ns, "tracer", "patches")


def _boot() -> None:
    from mptrace.runtime import config

    try:
        run = config.inherited_run()
        _begin(run or _found_run(), "boot", _begin_ns)
    except OSError:
        # Nowhere to write: this process goes untraced, and so do those below it, instead of trying again each.
        config.turn_off()
        return
    if not run:
        _care_for_images()
    _await_module()


def _found_run() -> str:
    """Begin a new run: this process is its root, and tells its children. Raises OSError."""
    preload(ROOT_FILES)
    from mptrace.runtime import config, run

    folder = run.create(os.environ.get(config.DIRECTORY) or config.DEFAULT_DIRECTORY, os.getpid())
    run.describe(folder, config.ARGV)
    os.environ[config.RUN] = folder
    return folder


def _care_for_images() -> None:
    """Make the images if there are none, so that the children have them; or when this process, the root, ends."""
    from mptrace import runtime
    from mptrace.runtime import guard, journal, lifecycle

    root_pid = os.getpid()

    def write() -> None:
        begin_ns = monotonic_ns()
        preload(("runtime/image.py",))
        sys.modules["mptrace.runtime.image"].write()
        journal.span(begin_ns, "tracer", "image")

    def renew() -> None:
        # One that only some processes load was out of date, or lost. It serves the next run.
        if runtime.is_outdated and os.getpid() == root_pid:
            guard.guarded("image", write)()

    if not _has_image:
        guard.guarded("image", write)()
    lifecycle.at_end.append(renew)


def _begin(folder: str, origin: str, begin_ns: int) -> None:
    from mptrace.runtime import journal, lifecycle

    lifecycle.begin(folder, origin, begin_ns)
    lifecycle.watch()
    journal.span(begin_ns, "tracer", "boot")


def _await_module() -> None:
    """Install the patches when the first module is found, so that a process that imports none is charged nothing.

    Until then only the end of site is watched for, which is the release of its module lock, and the first at-fork
    handler of the host's, which is to be timed as well.
    """
    from mptrace.runtime import guard

    bootstrap: Any = sys.modules["_frozen_importlib"]
    lock = bootstrap._ModuleLock
    original_release, original_init = lock.release, bootstrap._init_module_attrs
    register, is_awaiting = os.register_at_fork, True
    site_is_over = guard.guarded("boot", _site_is_over)

    def release(self: "Any") -> None:
        try:
            if self.name == "site":
                site_is_over()
        finally:
            original_release(self)

    def _init_module_attrs(spec: "Any", module: "Any", **override: bool) -> "Any":
        arrived()
        return bootstrap._init_module_attrs(spec, module, **override)

    def arrived() -> None:
        nonlocal is_awaiting
        if is_awaiting:
            is_awaiting = False
            lock.release, bootstrap._init_module_attrs = original_release, original_init
            os.register_at_fork = register
            guard.guarded("boot", install_patches)()

    guard.hide(_init_module_attrs)
    lock.release, bootstrap._init_module_attrs = release, _init_module_attrs
    os.register_at_fork = _make_register_at_fork(register, arrived)


def _make_register_at_fork(original: "Any", arrived: "Any") -> "Any":
    """Return what calls *arrived* before it registers anything. It looks like the original; patching is not loaded."""

    def register_at_fork(*args: "Any", **kwargs: "Any") -> None:
        try:
            arrived()
            register = os.register_at_fork
            (original if register is register_at_fork else register)(*args, **kwargs)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise

    register_at_fork.__module__, register_at_fork.__qualname__ = "os", original.__name__
    register_at_fork.__doc__ = original.__doc__
    register_at_fork.__wrapped__ = original  # type: ignore[attr-defined]
    return register_at_fork


def _site_is_over() -> None:
    """End the phase of site, and time the statements of the main module, which comes next.

    What multiprocessing runs as one is its own. No sooner: where calls are watched for, as that of the main module is,
    each function costs more when first called.
    """
    from mptrace.runtime import config, guard, journal, lifecycle

    lifecycle.phase("site")
    if "main" in config.statements() and not config.PART:
        begin_ns = monotonic_ns()
        preload(("runtime/statements.py",))
        from mptrace.runtime import statements

        guard.guarded("statements", statements.watch)("__main__")
        journal.span(begin_ns, "tracer", "statements")
