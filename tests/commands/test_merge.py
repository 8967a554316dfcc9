"""``mptrace merge``: one file that Perfetto opens."""

import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.shell import mptrace, runs


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a folder in which a program has been traced."""
    (tmp_path / "app.py").write_text("import json")
    assert mptrace(tmp_path, "run", "--quiet", "app.py").status == 0
    return tmp_path


def test_latest_run_is_merged(here: Path) -> None:
    """Nothing is printed; the file is a whole trace."""
    outcome = mptrace(here, "merge", "-o", "trace.json")
    assert (outcome.stdout, outcome.stderr, outcome.status) == ("", "", 0)
    assert json.loads((here / "trace.json").read_text())["metadata"]["id"] == runs(here)[0].name


def test_gz_is_compressed(here: Path) -> None:
    """The same trace, by the name of the file."""
    mptrace(here, "merge", "-o", "trace.json")
    mptrace(here, "merge", str(runs(here)[0]), "-o", "trace.json.gz")
    assert gzip.decompress((here / "trace.json.gz").read_bytes()) == (here / "trace.json").read_bytes()


def test_warnings_are_printed(here: Path) -> None:
    """A file that cannot be read is one line; the trace is written without it."""
    (runs(here)[0] / "1-empty.journal").touch()
    outcome = mptrace(here, "merge", "-o", "trace.json")
    assert outcome.status == 0
    assert outcome.stderr.startswith("mptrace: warning: ")
    assert "1-empty.journal" in outcome.stderr
    assert (here / "trace.json").exists()


def test_settings_that_say_nothing_are_printed(here: Path) -> None:
    """A misspelt word in a variable of the run is one line, here and in the report."""
    said = mptrace(here, "run", "--quiet", "app.py", MPTRACE_PATCHES="-import")
    assert (said.stderr, said.status) == ("", 0)
    warning = "MPTRACE_PATCHES: there is no patch 'import'; did you mean 'imports'?"
    assert mptrace(here, "merge", "-o", "trace.json").stderr == (
        f"mptrace: warning: {runs(here)[-1].name}/run.json: {warning}\n"
    )
    assert mptrace(here, "report").stdout.count("there is no patch 'import'") == 1


def test_trace_that_cannot_be_written(here: Path) -> None:
    """One line, and nothing half-written."""
    outcome = mptrace(here, "merge", "-o", str(here))
    assert (outcome.stderr, outcome.status) == (f"mptrace: error: cannot write to '{here}': it is a folder\n", 1)


def test_progress_is_for_terminals(here: Path) -> None:
    """A terminal sees a bar while the merge lasts; its last act is to go away."""
    controller, terminal = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "mptrace", "merge", "-o", "trace.json"], cwd=here, stderr=terminal, check=True
    )
    os.close(terminal)
    drawn = os.read(controller, 1 << 16)
    os.close(controller)
    assert b"merging" in drawn
