"""Which executable a PROGRAM on the command line means.

Launcher. Everything that can be known to be wrong is said here, before anything has been created.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder

from mptrace.errors import CommandError

SCRIPTS = (".py", ".pyw", ".pyz")


def command_line(words: Sequence[str]) -> list[str]:
    """Return what to execute: a script or a module gets this interpreter in front, anything else stands for itself."""
    program = words[0]
    if program == "-m":
        if len(words) < 2:
            raise CommandError("-m needs the name of a module", status=2)
        _check_module(words[1])
        return [sys.executable, *words]
    if program.startswith("-"):
        raise CommandError(f"PROGRAM cannot be {program!r}: give a script, -m MODULE, or an executable", status=2)
    if program.endswith(SCRIPTS) or os.path.isfile(os.path.join(program, "__main__.py")):
        if not os.path.exists(program):
            raise CommandError(f"there is no program {program!r}")
        return [sys.executable, *words]
    if shutil.which(program) is None:
        if os.path.isfile(program):
            raise CommandError(f"{program!r} is not executable")
        raise CommandError(f"there is no program {program!r}")
    return list(words)


def _check_module(module: str) -> None:
    """Only the first name is looked up: for the rest its package would have to be imported, here."""
    name = module.partition(".")[0]
    if not name:
        raise CommandError(f"{module!r} is not the name of a module", status=2)
    if PathFinder.find_spec(name, [os.getcwd()]) is None and importlib.util.find_spec(name) is None:
        raise CommandError(f"there is no module {name!r}")
