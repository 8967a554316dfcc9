"""What the environment says about tracing, and where this run's folder is.

Runtime: loaded in every traced process. The environment is the only thing that every way of starting a child passes
on, so it is the whole configuration. The root process makes the run's folder and tells its children by MPTRACE_RUN.
"""

import os
import sys

from mptrace.runtime.clock import read_file

MPTRACE = "MPTRACE"
DIRECTORY = "MPTRACE_DIR"
RUN = "MPTRACE_RUN"
PATCHES = "MPTRACE_PATCHES"
MEMORY = "MPTRACE_MEMORY"
STATEMENTS = "MPTRACE_STATEMENTS"
SPANS = "MPTRACE_SPANS"
STRICT = "MPTRACE_STRICT"
STUCK_AFTER = "MPTRACE_STUCK_AFTER"
# What run.json repeats, for whoever reads it to find words in it that nothing here knows.
SETTINGS = (PATCHES, MEMORY, STATEMENTS, STUCK_AFTER)

DEFAULT_DIRECTORY = ".mptrace"
DEFAULT_STUCK_AFTER_S = 5.0
# Longer than that means never: a thread cannot wait for years.
MAX_STUCK_AFTER_S = 86_400.0
ON = ("1", "true", "yes", "on")
OFF = ("", "0", "false", "no", "off")
# The command line. An interpreter that another program contains (uWSGI) knows none of its own.
try:
    ARGV = sys.orig_argv or os.fsdecode(read_file("/proc/self/cmdline")).split("\0")[:-1]
except OSError:
    ARGV = []
_words = " ".join(ARGV)
# What multiprocessing has started this interpreter as: child (by spawn), server, tracker, or nothing. Its command line
# says so, which the processes forked from a forkserver share with it.
PART = (
    "child"
    if "--multiprocessing-fork" in ARGV
    else "server"
    if "from multiprocessing.forkserver import main" in _words
    else "tracker"
    if "from multiprocessing.resource_tracker import main" in _words
    else ""
)


def is_on() -> bool:
    """Return whether MPTRACE turns tracing on; a word that says neither is reported once, by the root process."""
    word = os.environ.get(MPTRACE, "").strip().lower()
    if word in ON:
        return True
    if word not in OFF:
        _warn(f"MPTRACE={os.environ[MPTRACE]} is neither on ({' '.join(ON)}) nor off (0 false no off): tracing is off")
        turn_off()
    return False


def turn_off() -> None:
    """Turn tracing off for the processes below, so that none of them tries, or warns, again."""
    os.environ[MPTRACE] = "0"


def is_strict() -> bool:
    """Return whether failures of ours are to be raised (the test suite asks for it)."""
    return os.environ.get(STRICT, "") not in OFF


def is_memory_wanted() -> bool:
    """Return whether private and shared memory are to be read at the borders of phases."""
    return os.environ.get(MEMORY, "").strip().lower() in ON


def stuck_after_s() -> float:
    """Return after how many seconds without progress a process counts as stuck, 0 for never."""
    try:
        after_s = float(os.environ.get(STUCK_AFTER) or DEFAULT_STUCK_AFTER_S)
    except ValueError:
        return DEFAULT_STUCK_AFTER_S
    return after_s if 0 < after_s <= MAX_STUCK_AFTER_S else 0.0


def is_wanted(patch: str) -> bool:
    """Return whether MPTRACE_PATCHES lets *patch* be installed.

    ``-imports`` leaves a patch out; names without a minus keep those patches alone.
    """
    value = os.environ.get(PATCHES)
    if not value:
        return True
    words = listed(value)
    kept = [word for word in words if not word.startswith("-")]
    return "-" + patch not in words and (not kept or patch in kept)


def statements() -> "list[str]":
    """Return the patterns of modules whose statements are timed; ``main`` stands for the main module.

    A pattern is a module's name, or how names begin and a ``*``.
    """
    value = os.environ.get(STATEMENTS, "main" if hasattr(sys, "monitoring") else "").strip()
    return [] if value.lower() in OFF or not is_wanted("statements") else listed(value)


def spans() -> "list[str]":
    """Return the functions that are to be recorded as spans, as ``package.module:function`` or ``:Class.method``."""
    return listed(os.environ.get(SPANS, ""))


def listed(value: str) -> "list[str]":
    """Return the words of a list with commas."""
    return [word.strip() for word in value.split(",") if word.strip()]


def inherited_run() -> "str | None":
    """Return the run's folder that the parent process passed on, or None in the root process.

    Raises OSError when it cannot be used: it is gone, or somebody else could write to it.
    """
    path = os.environ.get(RUN)
    if not path:
        return None
    check_private(path)
    return path


def check_private(path: str) -> None:
    """Raise OSError unless *path* is a folder, not a link, that this user owns and nobody else can write to.

    A link planted in its place would otherwise have us write wherever somebody else likes.
    """
    status = os.lstat(path)
    if status.st_mode & 0o170022 != 0o040000 or status.st_uid != os.geteuid():
        raise PermissionError(1, "not a private folder of this user", path)


def _warn(message: str) -> None:
    try:
        os.write(2, f"mptrace: warning: {message}\n".encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # the host runs without a standard error
