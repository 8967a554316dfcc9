"""Takes 200 ms to import; in a program that another started it prints how long, in ns."""

import os
import sys
import time

begin_ns = time.monotonic_ns()
time.sleep(0.2)
if "-c" in sys.orig_argv:
    os.write(1, b"%d\n" % (time.monotonic_ns() - begin_ns))
