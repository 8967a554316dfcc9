"""Forks with much touched memory, by os.fork() and by the C library's in turn.

It prints what each of the latter took, wall and CPU time in nanoseconds. Arguments: MiB of memory, and how many forks of each kind.
"""

import ctypes
import mmap
import os
import sys
import time

PAGE = 4096

size = int(sys.argv[1]) << 20
memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
for offset in range(0, size, PAGE):
    memory[offset] = 1
# Python's own lock is kept, as os.fork() does, and its at-fork handlers are not run.
libc = ctypes.PyDLL(None)
for _ in range(int(sys.argv[2])):
    begin_ns, begin_cpu_ns = time.monotonic_ns(), time.process_time_ns()
    pid = libc.fork()
    if pid == 0:
        libc._exit(0)
    end_ns, end_cpu_ns = time.monotonic_ns(), time.process_time_ns()
    print(end_ns - begin_ns, end_cpu_ns - begin_cpu_ns)
    os.waitpid(pid, 0)
    pid = os.fork()
    if pid == 0:
        libc._exit(0)
    os.waitpid(pid, 0)
