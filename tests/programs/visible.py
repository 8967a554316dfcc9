"""Print what a program can see of itself that a tracer might change, then exit with a status of its own."""

import os
import signal
import sys
import threading
import warnings

print("descriptors", [number for number in range(64) if os.path.exists(f"/proc/self/fd/{number}")])
print("next descriptor", os.dup(0))
print("signals", [(int(number), str(signal.getsignal(number))) for number in sorted(signal.valid_signals())])
print("threads", [thread.name for thread in threading.enumerate()])
print("argv", sys.argv, sys.orig_argv[1:], sys.flags)
print("hooks", sys.excepthook, sys.unraisablehook, sys.displayhook, sys.gettrace(), sys.getprofile())
print("finders", [getattr(finder, "__name__", type(finder)) for finder in sys.meta_path], len(sys.path_hooks))
print("main", sorted(globals()))
print("recursion", sys.getrecursionlimit(), "switch interval", sys.getswitchinterval())
warnings.warn("from the host", stacklevel=1)
sys.exit(7)
