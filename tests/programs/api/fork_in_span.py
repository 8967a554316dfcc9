"""Fork within a span; parent and child both leave the block."""

import os
import time

from mptrace import span

with span("serve", port=80):
    time.sleep(0.01)
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
with span("after"):
    pass
if pid == 0:
    os._exit(0)
