"""Forks twice with so many pages that the page tables alone take long to copy; what it took is printed, in ns."""

import mmap
import os
import time

SIZE = 5 << 30

memory = mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
memory[0] = 1
for offset in range(mmap.PAGESIZE, SIZE, mmap.PAGESIZE):
    memory[offset]  # what was only read has its place in the page tables, and needs no memory
for _ in range(2):
    begin_ns = time.monotonic_ns()
    pid = os.fork()  # HERE
    if pid == 0:
        os._exit(0)
    print(time.monotonic_ns() - begin_ns)
    os.waitpid(pid, 0)
