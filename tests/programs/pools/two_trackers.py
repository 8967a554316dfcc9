"""Starts a tracker as loky does, and that of multiprocessing."""

import multiprocessing
import os
import sys
from pathlib import Path

VENDORED = str(Path(__file__).parent / "vendored")

if __name__ == "__main__":
    os.environ["PYTHONPATH"] = VENDORED
    sys.path.insert(0, VENDORED)
    from loky.backend import resource_tracker

    lock = multiprocessing.get_context("spawn").Lock()
    resource_tracker._resource_tracker.ensure_running()
    os.close(resource_tracker._resource_tracker._fd)
    os.waitpid(resource_tracker._resource_tracker._pid, 0)
