"""Run a miniature host in its own process, with or without tracing, and read what it left behind.

Serves the tests. mptrace must be active in the interpreter that runs them: installed, or its working tree named by a
.pth file beside the gated line of a0_mptrace.pth. A traced run that leaves no journal is an error, never a pass.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mptrace.records import FAILURE, FIELDS, SUFFIX

PROGRAMS = Path(__file__).parent / "programs"
TIMEOUT_S = 30
# The path of a socket has 107 bytes at most (unix(7)), and multiprocessing makes pymp-12345678/listener-12345678.
DEEPEST = 107 - len("/pymp-12345678/listener-12345678")
# What the environment of the tests must not change in a host: coverage, our own variables, and the cache of bytecode.
DROPPED = ("MPTRACE", "COV_", "COVERAGE_", "PYTHON", "NO_COLOR", "FORCE_COLOR")

_shallow: list[str] = []


@dataclass(frozen=True)
class Outcome:
    """What a host printed, how it ended (as subprocess says it), and the folder of its run if it was traced."""

    stdout: bytes
    stderr: bytes
    status: int
    run: Path | None


def run(
    program: Path | Sequence[str],
    *,
    traced: bool,
    folder: Path,
    env: Mapping[str, str] | None = None,
    args: Sequence[str] = (),
    options: Sequence[str] = (),
    **popen: Any,
) -> Outcome:
    """Run *program* (a script, or what follows the interpreter) with *folder* as its home, and wait for its end.

    The run folder, where there is one, is ``<folder>/.mptrace/...``; *env* is added to a clean environment, *options*
    are the interpreter's.
    """
    with start(program, traced=traced, folder=folder, env=env, args=args, options=options, **popen) as process:
        try:
            stdout, stderr = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Outcome(stdout or b"", stderr or b"", process.returncode, latest(folder) if traced else None)


def start(
    program: Path | Sequence[str],
    *,
    traced: bool,
    folder: Path,
    env: Mapping[str, str] | None = None,
    args: Sequence[str] = (),
    options: Sequence[str] = (),
    **popen: Any,
) -> subprocess.Popen[bytes]:
    """Start a host as run() does, and return its process."""
    words = [str(program)] if isinstance(program, Path) else list(program)
    streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, *options, *words, *args],
        env=environment(traced=traced, folder=folder) | dict(env or {}),
        cwd=popen.pop("cwd", folder),
        **(streams | popen),
    )


def environment(*, traced: bool, folder: Path) -> dict[str, str]:
    """Return a clean environment, with tracing on or not."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    # A host's sets come out in the same order twice, its temporary files in its own folder.
    clean |= {"PYTHONHASHSEED": "0", "TMPDIR": temporary(folder)}
    return clean | ({"MPTRACE": "1", "MPTRACE_DIR": str(folder / ".mptrace")} if traced else {})


@cache
def temporary(folder: Path) -> str:
    """Return where a host that has *folder* as its home makes temporary files: there, unless that is too deep."""
    if len(os.fsencode(folder)) <= DEEPEST:
        return str(folder)
    _shallow.append(tempfile.mkdtemp(prefix="mptrace-", dir="/tmp"))
    return _shallow[-1]


def remove_temporary() -> None:
    """Remove what temporary() has made, at the end of all tests."""
    while _shallow:
        shutil.rmtree(_shallow.pop(), ignore_errors=True)


def latest(folder: Path) -> Path | None:
    """Return the run folder of the host that had *folder* as its home, or None if there is none."""
    link = folder / ".mptrace" / "latest"
    return link.resolve() if link.exists() else None


def journals(run_folder: Path) -> dict[Path, list[list[Any]]]:
    """Return the complete records of each journal of a run. The tail of a killed process may be torn."""
    return {path: list(_records(path)) for path in sorted(run_folder.glob(f"*{SUFFIX}"))}


def records(run_folder: Path, kind: str) -> list[dict[str, Any]]:
    """Return all records of one kind, of all journals of a run, as dictionaries."""
    return [
        dict(zip(FIELDS[kind].split(), record[1:], strict=False))
        for journal in journals(run_folder).values()
        for record in journal
        if record[0] == kind
    ]


def failures(run_folder: Path) -> list[str]:
    """Return what failed inside mptrace during a run; a test that expects nothing else expects an empty list."""
    return [f"{record['patch']}: {record['error']}" for record in records(run_folder, FAILURE)]


def _records(path: Path) -> Iterator[list[Any]]:
    for line in path.read_bytes().split(b"\n")[:-1]:
        if line:
            yield json.loads(line)
