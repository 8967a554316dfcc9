"""The least recorder: who this process is, each import with its moments and importer, and the end; nothing else.

One os.write() for each, as in mptrace, but no guard, no schema, no other thread, no fork, no phase. What it costs is a
lower bound for any recorder of imports that is written in Python; see benchmarks/cost.py.
"""

import os
import sys
from time import monotonic_ns

write, get_frame = os.write, sys._getframe
journal = os.open(
    f"{os.environ['LEAST_DIR']}/{os.getpid()}-{monotonic_ns():x}", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600
)
bootstrap = sys.modules["_frozen_importlib"]
lock = bootstrap._ModuleLock
original_acquire, original_release, original_init = lock.acquire, lock.release, bootstrap._init_module_attrs
stack = []


def kernel_file(name):
    """Return a file of the kernel's about this process."""
    descriptor = os.open(f"/proc/self/{name}", os.O_RDONLY)
    content = os.read(descriptor, 1024)
    os.close(descriptor)
    return content.strip()


def acquire(self):
    """Note that a module is wanted."""
    stack.append([self.name, monotonic_ns(), 0])
    return original_acquire(self)


def _init_module_attrs(spec, module, **override):
    """Note that it was found."""
    if stack:
        stack[-1][2] = monotonic_ns()
    return original_init(spec, module, **override)


def release(self):
    """Record that it has been executed."""
    end_ns = monotonic_ns()
    if stack:
        name, begin_ns, load_ns = stack.pop()
        if load_ns:
            frame = get_frame(1)
            frame = frame.f_back or frame  # none where C code imports, as at the end
            importer = frame.f_globals.get("__name__")
            record = f'["i",{begin_ns},{load_ns},{end_ns},"{name}","{importer}",{frame.f_lineno}]\n'
            write(journal, record.encode())
    original_release(self)


def end():
    """Record that the process ends."""
    write(journal, b'["Z",%d]\n' % monotonic_ns())


write(journal, b'["P",%d,"%b","%b"]\n' % (os.getpid(), kernel_file("stat"), kernel_file("schedstat")))
bootstrap._builtin_from_name("atexit").register(end)
lock.acquire, lock.release, bootstrap._init_module_attrs = acquire, release, _init_module_attrs
