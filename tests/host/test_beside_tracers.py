"""Debuggers, coverage and profilers see the same program, and say the same about it, with tracing on."""

import sys
from pathlib import Path

import pytest

from mptrace.records import LINES
from tests.hosts import PROGRAMS, failures, latest, records, run

PROGRAM = PROGRAMS / "stepped.py"
HAS_STATEMENTS = hasattr(sys, "monitoring")
needs_statements = pytest.mark.skipif(not HAS_STATEMENTS, reason="statements are timed from Python 3.12 on")

# Tells which lines a trace function saw, in order, and how often a profiler was called.
SET_TRACE = """
import sys
seen = []
def trace(frame, event, argument):
    if frame.f_code.co_filename == sys.argv[1]:
        seen.append((frame.f_code.co_name, event, frame.f_lineno))
    return trace
def profile(frame, event, argument):
    if frame.f_code.co_filename == sys.argv[1]:
        seen.append((frame.f_code.co_name, event))
source = compile(open(sys.argv[1]).read().partition("if __name__")[0], sys.argv[1], "exec")
sys.settrace(trace)
sys.setprofile(profile)
exec(source, {"__name__": "__main__"})
sys.setprofile(None)
sys.settrace(None)
print(seen)
"""


def debug(folder: Path, *, traced: bool) -> bytes:
    """Return what pdb says when it stops twice in the main module, is asked a few things, and steps on."""
    commands = ("b 33", "c", "p number, doubled", "n", "c", "w", "s", "s", "cl 33", "b double", "c", "c", "q")
    words = ["-m", "pdb", *(word for command in commands for word in ("-c", command)), str(PROGRAM)]
    outcome = run(words, traced=traced, folder=folder)
    assert outcome.stderr == b""
    if outcome.run:
        assert failures(outcome.run) == []
    return outcome.stdout


def test_debugger_stops_at_the_same_lines(tmp_path: Path) -> None:
    """A debugger with a breakpoint in the main module prints the same, byte for byte."""
    plain = debug(tmp_path, traced=False)
    assert b"number, doubled" not in plain
    assert b"doubled.append(double(number))" in plain
    assert debug(tmp_path, traced=True) == plain


@pytest.mark.parametrize("core", ["ctrace", "sysmon", "pytrace"])
@pytest.mark.parametrize("branch", [False, True], ids=["lines", "branches"])
def test_coverage_counts_the_same_lines(tmp_path: Path, core: str, branch: bool) -> None:
    """`coverage run` measures the same lines and arcs, in the main module and in what it imports."""
    coverage = pytest.importorskip("coverage")
    if core == "sysmon" and not HAS_STATEMENTS:
        pytest.skip("sys.monitoring came with Python 3.12")
    measured = {}
    for traced in (False, True):
        data = tmp_path / f"data-{traced}"
        options = ["--branch"] if branch else []
        words = ["-m", "coverage", "run", *options, f"--data-file={data}", f"--source={PROGRAMS}", str(PROGRAM)]
        env = {"COVERAGE_CORE": core, "PYTHONPATH": str(Path(coverage.__file__).parents[1])}
        outcome = run(words, traced=traced, folder=tmp_path, env=env)
        if outcome.run:
            assert failures(outcome.run) == []
        lines = coverage.CoverageData(str(data))
        lines.read()
        file = str(PROGRAM)
        measured[traced] = outcome.stdout, outcome.stderr, lines.lines(file), lines.arcs(file)
    assert len(measured[False][2]) > 20
    assert measured[True] == measured[False]


def test_trace_and_profile_functions_see_the_same_events(tmp_path: Path) -> None:
    """sys.settrace and sys.setprofile report the same calls and lines, in the same order."""
    plain = run(["-c", SET_TRACE, str(PROGRAM)], traced=False, folder=tmp_path)
    traced = run(["-c", SET_TRACE, str(PROGRAM)], traced=True, folder=tmp_path)
    assert plain.stdout.count(b"'line'") > 40
    assert (traced.stdout, traced.stderr) == (plain.stdout, plain.stderr)


TAKE_TOOLS = """
import runpy, sys
import mptrace
for tool in sys.argv[2:]:
    sys.monitoring.use_tool_id(int(tool), "the host's")
mptrace.start(".mptrace")
print(runpy.run_path(sys.argv[1], run_name="__main__")["doubled"])
print([sys.monitoring.get_tool(int(tool)) for tool in sys.argv[2:]])
"""


@needs_statements
@pytest.mark.parametrize(("tools", "is_timed"), [((), True), (("4",), True), (("3", "4"), False)], ids=str)
def test_tool_ids_of_others_are_left_to_them(tmp_path: Path, tools: tuple[str, ...], is_timed: bool) -> None:
    """Where the host has a tool id that mptrace would take, it takes another one, or does without and says so."""
    outcome = run(["-c", TAKE_TOOLS, str(PROGRAM), *tools], traced=False, folder=tmp_path)
    assert outcome.stderr == b""
    assert outcome.stdout.splitlines()[-2:] == [b"[0, 4, 6]", repr(["the host's"] * len(tools)).encode()]
    run_folder = latest(tmp_path)
    assert run_folder
    assert ("__main__" in [record["module"] for record in records(run_folder, LINES)]) is is_timed
    assert len(failures(run_folder)) == (not is_timed)
