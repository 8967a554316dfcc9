"""A traced host whose pools and managers fail prints the same bytes, and ends the same way.

The programs are in programs/failing/pools.txt.
"""

from pathlib import Path

import pytest

from tests.host.scripts import Script, differences
from tests.host.test_unchanged import programs, title


@pytest.mark.parametrize("script", programs("pools"), ids=title)
def test_pool_looks_the_same(script: Script, tmp_path: Path) -> None:
    """Tracebacks of workers and their stacks, what proxies give, and what is loaded, do not depend on tracing."""
    assert not (found := differences(script, tmp_path)), found
