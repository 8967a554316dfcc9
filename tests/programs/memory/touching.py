"""Starts a child by the method it is told, which touches 50 MB that nobody has touched before, page by page."""

import mmap
import multiprocessing
import sys

SIZE = 50_000_000
kept: list[mmap.mmap] = []


def touch() -> None:
    """Be the target of a child."""
    kept.append(memory := mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    memory.madvise(mmap.MADV_NOHUGEPAGE)  # a huge page is one fault
    for offset in range(0, SIZE, mmap.PAGESIZE):
        memory[offset] = 1


if __name__ == "__main__":
    process = multiprocessing.get_context(sys.argv[1]).Process(target=touch)
    process.start()
    process.join()
    sys.exit(process.exitcode)
