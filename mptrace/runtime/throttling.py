"""How often the kernel has held up the run because it had used up its CPU quota.

Runtime: loaded where the run has a quota. What is counted is the cgroup that the run began in, or the one around it
whose quota is tightest (see run.py): when this process begins, is ready, and ends.
"""

from mptrace.records import COUNTER
from mptrace.runtime import clock, journal, lifecycle
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded

NAME = "throttling"
CGROUPS = "/sys/fs/cgroup/"

_path = ""


def _follow(quota_file: str) -> None:
    """Count from now on what the cgroup's cpu.stat says that *quota_file* names; no other file is read."""
    global _path
    path = clock.read_file(quota_file).decode()
    if path.startswith(CGROUPS) and "/../" not in path:
        _path = path
        _sample()


def _sample() -> None:
    """Read the statistics of cgroup v2, or v1, which counts the time in nanoseconds under another name."""
    if not _path or not journal.is_open():
        return
    lines = [line.split() for line in clock.read_file(_path).decode().splitlines()]
    count = {words[0]: int(words[1]) for words in lines}
    throttled_ns = count["throttled_usec"] * 1000 if "throttled_usec" in count else count["throttled_time"]
    values = {"periods": count["nr_periods"], "throttled": count["nr_throttled"], "throttled_ns": throttled_ns}
    at_ns = now_ns()
    journal.write(at_ns, f'["{COUNTER}",{at_ns},"throttling",{journal.encode(values)}]\n')


follow = guarded(NAME, _follow)
sample = guarded(NAME, _sample)
for _moments in lifecycle.in_child, lifecycle.at_ready, lifecycle.at_end:
    _moments.append(sample)
