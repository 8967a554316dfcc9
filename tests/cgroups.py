"""A cgroup with a CPU quota, for the tests of what a container does to a run.

Serves the tests. To make one takes the right to; a test that cannot have one is skipped.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOTS = (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup"))


@contextmanager
def limited(quota_us: int, period_us: int) -> Iterator[Path]:
    """Make a cgroup whose processes may use *quota_us* of each *period_us*, and remove it afterwards."""
    for root in ROOTS:
        folder = root / f"mptrace-test-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            if not _limit(folder, quota_us, period_us):
                continue
            yield folder
        finally:
            _remove(folder)
        return
    pytest.skip("no cgroup with a CPU quota can be made here")


def _limit(folder: Path, quota_us: int, period_us: int) -> bool:
    """Set the quota; return whether that is allowed."""
    try:
        if (folder / "cpu.cfs_quota_us").exists():
            (folder / "cpu.cfs_period_us").write_text(str(period_us))
            (folder / "cpu.cfs_quota_us").write_text(str(quota_us))
        else:
            (folder / "cpu.max").write_text(f"{quota_us} {period_us}")
    except OSError:
        return False
    return True


def _remove(folder: Path) -> None:
    """Remove a cgroup; a process that has ended may be in it a moment longer."""
    for _ in range(100):
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.05)
        else:
            return
    folder.rmdir()
