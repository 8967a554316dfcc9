"""Starts a program in each of two runs, and tells how many were recorded, and whether anything is left of us."""

import os
import posix
import subprocess
import sys
from pathlib import Path

import mptrace


def find():
    """Return what may have been replaced."""
    names = "execv", "execve", "posix_spawn", "posix_spawnp"
    found = [getattr(os, name) for name in names]
    return [*found, subprocess._fork_exec, set(os.supports_fd), vars(subprocess.Popen).keys()]


before = [*(getattr(posix, name) for name in ("execv", "execve", "posix_spawn", "posix_spawnp")), *find()[4:6]]
keys = set(vars(subprocess.Popen))
for _ in range(2):
    run = mptrace.start("runs")
    subprocess.run([sys.executable, "-S", "-c", "pass"])
    mptrace.stop()
    subprocess.run([sys.executable, "-S", "-c", "pass"])
    text = b"".join(path.read_bytes() for path in Path(run).glob("*.journal"))
    print(text.count(b'\n["p",'), find()[:6] == before and set(vars(subprocess.Popen)) == keys)
