"""The examples in the docstrings of the public names."""

import subprocess
import sys
from pathlib import Path

import pytest

import mptrace

PROGRAM = """
import doctest, mptrace, sys
name = sys.argv[1]
(example,) = doctest.DocTestFinder(recurse=False).find(getattr(mptrace, name), name, module=False, globs={})
result = doctest.DocTestRunner().run(example)
print(result.attempted)
sys.exit(bool(result.failed))
"""
# Trace is documented by its fields.
NAMES = [name for name in mptrace.__all__ if name != "Trace"]


@pytest.mark.parametrize("name", NAMES)
def test_example_does_what_it_shows(tmp_path: Path, name: str) -> None:
    """Each public function has an example, and it runs as it stands."""
    command = [sys.executable, "-c", PROGRAM, name]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.stderr, result.returncode) == ("", 0), result.stdout
    assert int(result.stdout) >= 2
