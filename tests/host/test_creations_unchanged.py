"""A traced host that creates locks, queues and shared memory, or fails to, prints the same bytes.

The programs are in programs/failing/creations.txt.
"""

from pathlib import Path

import pytest

from tests.host.scripts import Script, differences
from tests.host.test_unchanged import programs, title


@pytest.mark.parametrize("script", programs("creations"), ids=title)
def test_creation_looks_the_same(script: Script, tmp_path: Path) -> None:
    """Tracebacks, stacks, attributes and what children are given do not depend on tracing."""
    assert not (found := differences(script, tmp_path)), found
