"""Forks with threads of Python's, native ones, and touched memory."""

import ctypes
import os
import threading
import warnings

warnings.simplefilter("ignore")
MEBIBYTES = 200
memory = bytearray(b"x") * (MEBIBYTES << 20)
event = threading.Event()
for _ in range(2):
    threading.Thread(target=event.wait).start()
libc = ctypes.CDLL(None)
for _ in range(3):
    thread = ctypes.c_ulong()
    assert libc.pthread_create(ctypes.byref(thread), None, libc.pause, None) == 0
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
event.set()
os._exit(0)
