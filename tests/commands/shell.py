"""Type a command line, and see what comes back. Serves the tests."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.hosts import environment


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit status."""

    stdout: str
    stderr: str
    status: int


def mptrace(folder: Path, *words: str, **variables: str) -> Outcome:
    """Run ``mptrace`` *words* in *folder*, with *variables* added to an environment that says nothing of tracing."""
    done = subprocess.run(
        [sys.executable, "-m", "mptrace", *words],
        cwd=folder,
        env=environment(traced=False, folder=folder) | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Outcome(done.stdout, done.stderr, done.returncode)


def runs(folder: Path) -> list[Path]:
    """Return the folders of the runs in *folder*'s .mptrace, the oldest first."""
    return sorted(path for path in (folder / ".mptrace").glob("*-*") if not path.is_symlink())
