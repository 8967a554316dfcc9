"""Trees of imports of real processes: they add up to the phases they lie in, and tell who asked, what for, and when."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mptrace.analysis.bytecode import compiled
from mptrace.analysis.extensions import loaded
from mptrace.analysis.import_tree import Trees, importers, trees, walk
from mptrace.trace import merge
from mptrace.trace.model import Process, Trace
from tests.hosts import PROGRAMS, failures, run

FOLDER = PROGRAMS / "import_trees"
MAIN = FOLDER / "main.py"
TOLERANCE = 0.01
ATTEMPTS = 4

COUNT_THREADS = """
import os
before = len(os.listdir("/proc/self/task"))
import numpy
print(len(os.listdir("/proc/self/task")) - before)
"""


def traced(folder: Path, modules: str, method: str = "spawn", children: int = 2, **env: str) -> Trace:
    """Return the trace of a program whose main module imports *modules*."""
    # A folder for .pyc files that this test has to itself.
    told = {"MODULES": modules, "PYTHONPYCACHEPREFIX": str(folder / "pyc"), **env}
    outcome = run(MAIN, traced=True, folder=folder, args=[method, str(children)], env=told)
    assert (outcome.stderr, outcome.status) == (b"", 0)
    assert outcome.run
    assert failures(outcome.run) == []
    return merge.load([outcome.run])


def children_of(trace: Trace) -> list[Process]:
    """Return the children that ran the main module again."""
    return [process for process in trace.processes if process.role == "process"]


def difference(process: Process) -> float:
    """Return by what share the phase in which the main module ran exceeds the imports in it."""
    (phase,) = [phase for phase in process.phases if phase.name == "main-module"]
    inside = [event for event in process.imports if phase.begin_ns <= event.begin_ns < phase.end_ns]
    wall_ns = phase.end_ns - phase.begin_ns
    return (wall_ns - trees([replace(process, imports=inside)]).before.total_ns) / wall_ns


@pytest.mark.quiet
@pytest.mark.parametrize("module", ["slow_outer", "pandas", "torch"])
def test_tree_adds_up_to_the_phase(tmp_path: Path, module: str) -> None:
    """In a child whose main module imports one thing, the tree's total is the phase's wall time, within 1 %."""
    if module != "slow_outer":
        pytest.importorskip(module)
    differences = []
    for _ in range(ATTEMPTS):
        differences.append(min(map(difference, children_of(traced(tmp_path, module)))))
        if 0 <= differences[-1] < TOLERANCE:
            return
    pytest.fail(f"off by {differences}")


def test_children_are_one_tree(tmp_path: Path) -> None:
    """What both children imported on the way to ready is one tree, with who asked first and at which line."""
    known = children_of(traced(tmp_path, "slow_outer"))
    (outer,) = [node for node in trees(known).before.nodes() if node.module == "slow_outer"]
    assert (outer.processes, outer.importer, outer.line) == (2, "__mp_main__", 8)
    inner = outer.inner["slow_inner"]
    assert (inner.processes, inner.importer, inner.line) == (2, "slow_outer", 5)
    assert 200_000_000 <= inner.total_ns <= inner.worst_ns * 2
    assert outer.self_ns >= 400_000_000
    assert importers(known)["slow_inner"] == [("slow_outer", 5), ("__mp_main__", 8)]


def test_imports_in_the_midst_of_work_are_apart(tmp_path: Path) -> None:
    """What the target imports is not part of the start-up."""
    found: Trees = trees(children_of(traced(tmp_path, "slow_inner", LATE="slow_outer")))
    assert [node.module for _, node, _ in walk(found.after)] == ["slow_outer"]
    assert "slow_outer" not in found.before.inner


def test_modules_are_compiled_for_a_reason(tmp_path: Path) -> None:
    """None was there, none could be written, or none was to be."""
    reasons = {}
    for children, name, env in ((0, "first", {}), (1, "forbidden", {"PYTHONDONTWRITEBYTECODE": "1"}), (2, "vain", {})):
        folder = tmp_path / name
        folder.mkdir()
        if name == "vain":
            (folder / "pyc").write_text("Not a folder.")
        trace = traced(folder, "slow_inner", children=children, **env)
        reasons[name] = [(cost.processes, cost.reason) for cost in compiled(trace) if cost.module == "slow_inner"]
    assert reasons == {
        "first": [(1, "missing or out of date")],
        "forbidden": [(2, "not to be written")],
        "vain": [(3, "could not be written")],
    }


def test_kept_bytecode_is_not_compiled_again(tmp_path: Path) -> None:
    """The children use what their parent has written."""
    trace = traced(tmp_path, "slow_inner")
    assert [cost.processes for cost in compiled(trace) if cost.module == "slow_inner"] == [1]
    loaders = [event.loader for process in trace.processes for event in process.imports if event.module == "slow_inner"]
    assert loaders == ["source", "bytecode", "bytecode"]


def test_threads_of_native_code_are_counted(tmp_path: Path) -> None:
    """The threads that importing numpy started are those that the loads of its extension modules started."""
    pytest.importorskip("numpy")
    outcome = run(["-c", COUNT_THREADS], traced=True, folder=tmp_path)
    assert outcome.run
    found = loaded(merge.load([outcome.run]))
    assert sum(load.threads for load in found) == int(outcome.stdout)
    assert all(load.load_ns and load.minor_faults > 0 for load in found)


def test_extensions_of_third_parties_are_counted(tmp_path: Path) -> None:
    """Their page faults and threads, if the load took long, as here any does; the library's own are passed over."""
    impatient = "import mptrace.runtime.patches.extensions as patch; patch.LEAST_NS = 0"
    outcome = run(["-c", f"{impatient}; import orjson, _ssl, _decimal"], traced=True, folder=tmp_path)
    assert outcome.run
    assert failures(outcome.run) == []
    found = loaded(merge.load([outcome.run]))
    assert [(load.module, load.threads) for load in found] == [("orjson.orjson", 0)]
    assert all(load.load_ns and load.minor_faults >= 0 for load in found)


def test_circular_import_of_green_threads_waits_for_nobody(tmp_path: Path) -> None:
    """Where gevent has replaced what a thread is known by, the holder of a module's lock is still told from others."""
    outcome = run(FOLDER / "green.py", traced=True, folder=tmp_path, env={"MPTRACE_STRICT": "1"})
    assert (outcome.stdout, outcome.stderr) == (b"True\n", b"")
    assert outcome.run
    (process,) = merge.load([outcome.run]).processes
    assert [span.name for span in process.spans if span.category == "lock"] == []
    assert {"circular": "__main__", "circular_other": "circular"}.items() <= {
        event.module: event.importer for event in process.imports
    }.items()


@pytest.mark.skipif(not hasattr(sys, "set_lazy_imports"), reason="lazy imports came with Python 3.15")
def test_lazy_import_is_asked_for_by_its_first_use(tmp_path: Path) -> None:
    """It is recorded when it happens, for the line that uses the name, in the function or module that does."""
    outcome = run(FOLDER / "lazily.py", traced=True, folder=tmp_path)
    assert outcome.stdout == b"False False\n"
    assert outcome.run
    (process,) = merge.load([outcome.run]).processes
    first = {event.module: (event.importer, event.line) for event in reversed(process.imports)}
    assert first["colorsys"] == ("__main__", 10)
    assert first["xml.dom.minidom"] == ("__main__", 15)
    used = {event.module: event.begin_ns for event in process.imports}
    (line,) = [span for span in process.spans if span.category == "statement" and span.args["line"] == 14]
    assert line.begin_ns <= used["colorsys"] <= (line.end_ns or 0)
