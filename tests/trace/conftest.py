"""What the tests of the merge start from."""

from pathlib import Path

import pytest

from tests.journals import RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """Return a run to be filled."""
    return RunFolder(tmp_path / "run")
