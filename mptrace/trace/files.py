"""A file that is written as a whole, or not at all.

Offline. Whoever opens the trace of yesterday while that of today is being written, or after a disk was full, finds one
of the two.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open *path* for writing, so that it changes only when all has been written. Raises OSError."""
    # Through a link: what it points to is what was meant, /dev/stdout above all.
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as device:
            yield device
        return
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=os.path.dirname(target))
    try:
        with open(descriptor, "wb") as file:
            yield file
        os.replace(unfinished, target)
    except BaseException:
        os.unlink(unfinished)
        raise
