"""What a process is in the run, and what people call it.

Offline. A helper of multiprocessing is known by its command line, a child by the call of start() that made it. A
forked process has the command line of the one it was forked from, which says nothing about itself; one that was forked
by os.fork() itself is a process all the same.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from signal import Signals
from typing import get_args

from mptrace.trace.model import Role, Start, StartMethod

# How the names of interpreters begin, those of a debug build (python3-dbg) included.
PYTHONS = ("python", "pypy")
HELPERS: Mapping[str, Role] = {
    "resource_tracker import main": "resource-tracker",  # of multiprocessing, or of another library (loky)
    "from multiprocessing.forkserver import main": "forkserver",  # 3.14 puts "import sys; " before it
}
HELPER_NAMES: Mapping[Role, str] = {"resource-tracker": "resource tracker", "forkserver": "forkserver"}
TARGETS: Mapping[str, Role] = {
    "multiprocessing.pool:worker": "pool-worker",
    "concurrent.futures.process:_process_worker": "executor-worker",
    "multiprocessing.managers:BaseManager._run_server": "manager",
}
SPAWNED = "--multiprocessing-fork"
START_METHODS: Mapping[str, StartMethod] = {method: method for method in get_args(StartMethod)}


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a process when its place in the run is to be found.

    ``is_forked``: it never executed another program since it was forked. ``said_name`` is what multiprocessing called
    it, by its own account, if it came to run() at all. ``parent_role`` is None for one without a parent in the trace.
    ``is_root``: the run began with it. ``label`` is a name for what it runs if that is no traced Python.
    """

    argv: Sequence[str]
    is_forked: bool
    start: Start | None
    said_name: str
    parent_role: Role | None
    is_root: bool
    label: str = ""


def role(traits: Traits) -> Role:
    """Return what the process is in the run."""
    if not traits.is_forked:
        for words, helper in HELPERS.items():
            if any(words in argument for argument in traits.argv):
                return helper
    if traits.start and traits.start.target in TARGETS:
        return TARGETS[traits.start.target]
    if traits.start and traits.start.start_method == "subprocess":
        return "subprocess"
    if traits.start or traits.said_name or _is_spawned(traits) or _is_served(traits):
        return "process"
    if traits.is_root:
        return "main"
    return "process" if traits.is_forked else "subprocess"


def start_method(traits: Traits) -> StartMethod:
    """Return how the process was made."""
    if traits.start:
        return START_METHODS.get(traits.start.start_method, "subprocess")
    if _is_spawned(traits):
        return "spawn"
    if _is_served(traits):
        return "forkserver"
    # A helper outlives whom it was started by, who may be gone before it boots: that does not make it a root.
    if traits.is_root and role(traits) not in HELPER_NAMES:
        return "root"
    return "fork" if traits.is_forked else "subprocess"


def name(traits: Traits, its_role: Role) -> str:
    """Return what people call the process: multiprocessing's name, or what it runs."""
    if its_role in HELPER_NAMES:
        return HELPER_NAMES[its_role]
    given = traits.said_name
    if traits.start and traits.start.start_method != "subprocess":
        given = traits.start.process_name or given
    return given or traits.label or program(traits.argv)


def program(argv: Sequence[str]) -> str:
    """Return a short form of a Python command line: the script's name, ``-m module``, ``-c``, or the interpreter's.

    The options of a program that contains a Python are its own: it is called by its name. Never begins with a slash,
    and is never empty.
    """
    if argv and not _base(argv[0]).startswith(PYTHONS):
        return _base(argv[0])
    for letter, value in _options(argv):
        if not letter:
            return _base(value)
        if letter == "c":
            return "-c"
        if letter == "m":
            return f"-m {value}".rstrip()
    return _base(argv[0]) if argv else "python"


def script(argv: Sequence[str]) -> str:
    """Return the script that a Python command line runs, or the module of ``-m``; empty where it runs neither."""
    return next((value for letter, value in _options(argv) if letter in ("", "m") and value != "-"), "")


def options(argv: Sequence[str]) -> frozenset[str]:
    """Return the letters of the options that a Python command line gives to the interpreter."""
    return frozenset(letter for letter, _ in _options(argv))


def signal_name(number: int) -> str:
    """Return what people call a signal."""
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def _options(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the options of a Python command line, each letter with its value; the script has no letter."""
    arguments = iter(argv[1:])
    for argument in arguments:
        if argument == "-" or not argument.startswith("-"):
            yield "", argument
            return
        if argument.startswith("--"):
            if argument == "--check-hash-based-pycs":
                next(arguments, None)
            continue
        # One dash may stand before several letters; the first that takes a value takes the rest, or the next one.
        for position, letter in enumerate(argument[1:], start=2):
            if letter not in "cmWX":
                yield letter, ""
                continue
            yield letter, argument[position:] or next(arguments, "")
            if letter in "cm":
                return
            break


def _base(path: str) -> str:
    return os.path.basename(path.rstrip("/")) or "python"


def _is_spawned(traits: Traits) -> bool:
    return not traits.is_forked and SPAWNED in traits.argv


def _is_served(traits: Traits) -> bool:
    return traits.is_forked and traits.parent_role == "forkserver"
