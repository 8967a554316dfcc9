"""C code forks this process and tells Python's at-fork handlers nothing; both import something afterwards."""

import ctypes
import os

import wave  # noqa: F401 - before the fork

python = ctypes.PyDLL(None)  # which keeps the GIL meanwhile
python.fork.restype = ctypes.c_int
pid = python.fork()
if pid == 0:
    import colorsys  # noqa: F401
    import tabnanny  # noqa: F401

    os._exit(3)
import sched  # noqa: E402, F401

print(pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
brief = python.fork()
if brief == 0:
    os._exit(4)
os.waitpid(brief, 0)
