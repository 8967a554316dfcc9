"""Preloaded by the forkserver."""

import os

from plants import wait_if

wait_if("forkserver")
os.register_at_fork(after_in_child=lambda: wait_if("after-fork-hooks"))
