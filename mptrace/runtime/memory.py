"""How much memory this process has for itself, and how much it shares, at the borders of its phases.

Runtime: loaded where MPTRACE_MEMORY asks for it. The kernel counts page by page and holds up whoever changes the
mappings meanwhile: 40 µs in a small process, 12 ms in one of 1 GiB. So it is never done unasked, and each reading is
recorded as a span of ours.
"""

from mptrace.records import COUNTER
from mptrace.runtime import clock, journal, lifecycle
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded

NAME = "memory"


def _sample() -> None:
    """Read /proc/self/smaps_rollup (proc_pid_smaps(5)) into a counter, in bytes."""
    if not journal.is_open():
        return
    begin_ns = now_ns()
    # After a heading, lines such as b"Private_Dirty:       512 kB".
    lines = [line.split() for line in clock.read_file("/proc/self/smaps_rollup").splitlines()[1:]]
    size = {words[0].decode(): int(words[1]) * 1024 for words in lines}
    values = {
        "rss": size["Rss:"],
        "private": size["Private_Clean:"] + size["Private_Dirty:"],
        "shared": size["Shared_Clean:"] + size["Shared_Dirty:"],
    }
    at_ns = now_ns()
    journal.write(at_ns, f'["{COUNTER}",{at_ns},"memory",{journal.encode(values)}]\n')
    journal.span(begin_ns, "tracer", "read memory")


sample = guarded(NAME, _sample)
for _moments in lifecycle.in_child, lifecycle.at_border, lifecycle.at_end:
    _moments.append(sample)
