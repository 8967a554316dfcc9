"""What every test starts from: an environment silent about tracing, and an interpreter with mptrace in it."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests import hosts

# Programs under test print what they print without these, whatever the shell that runs the tests has set.
INHERITED = ("MPTRACE", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONUNBUFFERED", "PYTHONWARNINGS")
# What says how wide and how colourful a terminal is. A test that opens one opens the same everywhere.
TERMINAL = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to run where `site` would not activate mptrace: every traced program would look untraced."""
    # Whoever runs us in the background has Ctrl-C ignored, and the programs of the tests would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not any((Path(folder) / "a0_mptrace.pth").is_file() for folder in sys.path if folder):
        pytest.exit("mptrace is not installed in this Python: pip install -e .", returncode=4)


def pytest_sessionfinish() -> None:
    """Leave nothing behind outside of pytest's own folders."""
    hosts.remove_temporary()


@pytest.fixture(autouse=True)
def _silent_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the environment of the tests says to mptrace, to Python, and of the terminal."""
    for name in [name for name in os.environ if name.startswith(INHERITED) or name in TERMINAL]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm-256color")
