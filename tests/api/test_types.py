"""What a type checker sees of the API."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hosts import PROGRAMS

HOST = PROGRAMS / "types" / "host.py"
FOUND = re.compile(r"host\.py:(\d+): error: .*\[([a-z-]+)\]$", re.MULTILINE)


@pytest.mark.once
def test_mypy_finds_the_mistakes_and_no_others(tmp_path: Path) -> None:
    """A host that uses every name is right for mypy --strict, but for the lines that say they are wrong."""
    pytest.importorskip("mypy")
    marks = [line.partition("# error: ")[2] for line in HOST.read_text(encoding="utf-8").splitlines()]
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "--config-file=", str(HOST)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    expected = {number for number, mark in enumerate(marks, 1) if mark}
    found = FOUND.findall(result.stdout)
    assert {int(number) for number, _ in found} == expected, result.stdout
    assert [code for number, code in found if code not in marks[int(number) - 1].split()] == []
