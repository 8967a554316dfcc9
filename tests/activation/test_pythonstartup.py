"""pythonstartup.py of sitecustomize_example/: it turns tracing on in an interactive interpreter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STARTUP = ROOT / "sitecustomize_example" / "pythonstartup.py"


def interact(lines: str, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Type *lines* into an interactive interpreter that reads no .pth file."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MPTRACE_DIR": str(tmp_path / "runs")} | variables
    command = [sys.executable, "-S", "-B", "-q", "-i"]
    return subprocess.run(
        command, input=lines, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )


def test_session_is_traced(tmp_path: Path) -> None:
    """With MPTRACE=1 a session makes a run."""
    result = interact("print('typed')\n", tmp_path, MPTRACE="1", PYTHONSTARTUP=str(STARTUP))
    assert (result.returncode, result.stdout) == (0, "typed\n")
    assert len(list((tmp_path / "runs" / "latest").glob("*.journal"))) == 1


@pytest.mark.parametrize(
    "variables", [{"MPTRACE": "1"}, {"MPTRACE": "0"}, {}, {"MPTRACE": "1", "PYTHONPATH": "/nowhere"}]
)
def test_session_looks_the_same(tmp_path: Path, variables: dict[str, str]) -> None:
    """The start-up file leaves no name, and prints nothing: traced, untraced, and where mptrace is not importable."""
    lines = "print(sorted(globals()))\nprint(__doc__)\n"
    plain = interact(lines, tmp_path)
    ours = interact(lines, tmp_path, PYTHONSTARTUP=str(STARTUP), **variables)
    assert (ours.returncode, ours.stdout, ours.stderr) == (plain.returncode, plain.stdout, plain.stderr)
