"""The imports that mptrace records agree with those of CPython's own -X importtime, in the same process."""

import re
import statistics
from collections.abc import Mapping
from pathlib import Path

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Process
from mptrace.trace.nesting import import_self_times, intervals, self_times
from tests.hosts import PROGRAMS, run

LINE = re.compile(r"import time: +(\d+) \| +\d+ \| *(\S+)")
# importlib.import_module() is where -X importtime has no hook (CPython 3.11 to 3.15).
CALLED = {"colorsys", "fileinput"}
FEWEST = 200
TOLERANCE = 0.01
# Where another program takes the CPU between the two tracers' looks at the clock, one counts the gap and the other does
# not. That only ever adds to the difference, so the quietest of some runs is what they differ by.
RUNS = 6


class Both:
    """The self times of one process by module, in nanoseconds: those of -X importtime, and those of its trace."""

    def __init__(self, stderr: str, process: Process) -> None:
        rows = LINE.findall(stderr)
        self.theirs = {module: int(self_us) * 1000 for self_us, module in rows if not module.startswith("mptrace")}
        # Modules are listed as they end: what comes before `site` may have been imported before we were there.
        modules = list(self.theirs)
        self.theirs_later = set(modules[modules.index("site") + 1 :])
        times = zip(process.imports, import_self_times(process, intervals(process.imports, process)), strict=True)
        self.ours = {event.module: self_ns for event, self_ns in times if not event.is_failed}
        self.failed = {event.module for event in process.imports if event.is_failed}
        self.common = self.theirs_later & set(self.ours)
        self.own_cost_ns = own_cost_ns(process)

    @property
    def difference(self) -> float:
        """By what share the sum of our self times, and of what we say we cost, is off theirs."""
        ours_ns, theirs_ns = self.total_ns(self.ours) + self.own_cost_ns, self.total_ns(self.theirs)
        return abs(ours_ns - theirs_ns) / theirs_ns

    def total_ns(self, times: Mapping[str, int]) -> int:
        """Return the sum of the self times of the modules that both know."""
        return sum(times[module] for module in self.common)


def own_cost_ns(process: Process) -> int:
    """Return what mptrace says it cost since `site` was imported, without the imports of its own files.

    We leave it out of the host's self times. -X importtime books it to the module during which it arose.
    """
    (begin_ns,) = [phase.end_ns for phase in process.phases if phase.name == "site"]
    spans = [span for span in process.spans if span.category == "tracer" and span.begin_ns >= begin_ns]
    times = self_times([(span.begin_ns, span.end_ns or span.begin_ns) for span in spans])
    return sum(time_ns for span, time_ns in zip(spans, times, strict=True) if not span.name.startswith("import "))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Import about 250 modules of the standard library under -X importtime and tracing, until a run was quiet."""
    run_both(tmp_path_factory.mktemp("first"))  # It may write .pyc files.
    runs: list[Both] = []
    while len(runs) < RUNS and not (runs and runs[-1].difference < TOLERANCE):
        runs.append(run_both(tmp_path_factory.mktemp("importtime")))
    return min(runs, key=lambda each: each.difference)


def run_both(folder: Path) -> Both:
    """Import them in one process, once."""
    env = {"PYTHONPATH": str(PROGRAMS / "cost")}
    args = ["statement:stdlib_imports", *(f"call:{module}" for module in sorted(CALLED))]
    options = ("-X", "importtime")
    outcome = run(PROGRAMS / "importing.py", traced=True, folder=folder, env=env, args=args, options=options)
    assert outcome.status == 0
    assert outcome.run
    (process,) = load([outcome.run]).processes
    return Both(outcome.stderr.decode(), process)


def test_trace_has_every_module_that_importtime_has(both: Both) -> None:
    """No module is missing, and those that were looked for in vain are said to have failed."""
    # Of org.python.core (copy, in 3.11) only the first part is looked for; importtime lists all three.
    listed = {module for module in both.theirs_later if not module.startswith("org.")}
    assert listed - set(both.ours) == both.failed & listed
    assert len(both.common) >= FEWEST


def test_trace_has_nothing_else_but_what_import_module_imported(both: Both) -> None:
    """import_module() is seen too, and nothing is invented."""
    assert set(both.ours) - set(both.theirs) == CALLED


@pytest.mark.quiet
def test_self_times_add_up_to_the_same(both: Both) -> None:
    """The sum of self times, with what we say we cost ourselves, is that of importtime within one percent."""
    assert both.difference < TOLERANCE


@pytest.mark.quiet
def test_self_time_of_each_module_agrees(both: Both) -> None:
    """The median module's differs by some 20 us: importtime begins earlier, and ends after we have written."""
    assert statistics.median(abs(both.ours[module] - both.theirs[module]) for module in both.common) < 50_000
