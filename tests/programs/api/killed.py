"""Be killed inside a span, after one that ended."""

import os
import signal
import time

from mptrace import span

with span("done"):
    pass
with span("outer", rows=3), span("inner"):
    time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)
