"""What loky's module of this name is like: a tracker of its own, launched as multiprocessing launches its."""

import os
import threading
from multiprocessing import spawn, util


class ResourceTracker:
    """Launches the process, if it does not run."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._fd = None
        self._pid = None

    def ensure_running(self) -> None:
        """Launch it, unless it runs."""
        with self._lock:
            if self._fd is not None:
                return
            r, w = os.pipe()
            args = [spawn.get_executable(), "-c", f"from {__name__} import main; main({r})"]
            self._pid = util.spawnv_passfds(args[0], args, [r])
            self._fd = w
            os.close(r)


def main(fd: int) -> None:
    """Live until everybody has closed the other end."""
    os.read(fd, 1)


_resource_tracker = ResourceTracker()
