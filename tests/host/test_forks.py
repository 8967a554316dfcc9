"""What the trace says about forks: every handler that others registered, and what the parent was like."""

from collections import Counter
from pathlib import Path

import pytest

from mptrace.analysis.phases import start_ups
from mptrace.trace.merge import load
from mptrace.trace.model import Phase, Process, Span, Trace
from tests.hosts import PROGRAMS, failures, run

FORKS = PROGRAMS / "forks"
MIB = 1 << 20


def trace_of(program: str, folder: Path, *args: str) -> Trace:
    """Run a program of tests/programs/forks with tracing on; nothing of it or of ours may fail."""
    outcome = run(FORKS / program, traced=True, folder=folder, args=args)
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    assert failures(outcome.run) == []
    trace = load([outcome.run])
    assert trace.warnings == []
    return trace


def hooks(process: Process, side: str) -> list[Span]:
    """Return the at-fork handlers that ran in a process on one side of a fork."""
    return [span for span in process.spans if span.category == "fork-hook" and span.args["side"] == side]


def names(process: Process, side: str) -> list[str]:
    """Return the names of the handlers of the program itself, in the order in which they ran."""
    own = ("__main__.", "_thread.lock.acquire", "_thread.lock.release")
    return [span.name for span in hooks(process, side) if span.name.startswith(own)]


def forks(process: Process) -> list[Phase]:
    """Return the forks of a process."""
    return [phase for phase in process.phases if phase.name == "fork"]


@pytest.mark.parametrize("how", ["os.fork", "pty.fork", "multiprocessing"])
def test_every_handler_of_others_is_a_span(tmp_path: Path, how: str) -> None:
    """A handler is called by its module and qualified name, in the order in which handlers run."""
    parent, child = trace_of("hooks.py", tmp_path, how).processes
    assert names(parent, "before") == ["__main__.before", "_thread.lock.acquire", "__main__.before"]
    assert names(parent, "parent") == ["__main__.after", "_thread.lock.release"]
    assert names(child, "child") == ["__main__.Service.renew", "_thread.lock.release", "__main__.Service"]
    assert "threading._after_fork" in [span.name for span in hooks(child, "child")]
    assert (hooks(child, "before"), hooks(child, "parent"), hooks(parent, "child")) == ([], [], [])


@pytest.mark.parametrize("how", ["os", "saved"])
def test_handler_of_a_program_that_imports_nothing_is_a_span(tmp_path: Path, how: str) -> None:
    """Patches wait for the first import; the first handler is in time for them too."""
    parent, child = trace_of("early.py", tmp_path, how).processes
    assert names(parent, "before") == ["__main__.before"]
    assert names(parent, "parent") == ["__main__.after"]
    assert names(child, "child") == ["__main__.after"]


@pytest.mark.parametrize("how", ["os.fork", "pty.fork", "multiprocessing"])
def test_handlers_lie_in_their_phases_one_after_another(tmp_path: Path, how: str) -> None:
    """The phases around a fork meet without a gap, and each handler begins where the one before it ended."""
    parent, child = trace_of("hooks.py", tmp_path, how).processes
    phases = {phase.name: phase for phase in (*parent.phases, *child.phases)}
    before, fork, after = phases["before-fork-hooks"], phases["fork"], phases["after-fork-hooks"]
    assert before.end_ns == fork.begin_ns <= after.begin_ns <= fork.end_ns
    assert after.begin_ns == child.begin_ns
    for process, side, begin_ns, end_ns in (
        (parent, "before", before.begin_ns, before.end_ns),
        (parent, "parent", fork.end_ns, parent.last_ns),
        (child, "child", after.begin_ns, after.end_ns),
    ):
        moments = [moment for span in hooks(process, side) for moment in (span.begin_ns, span.end_ns or 0)]
        assert begin_ns <= moments[0]
        assert moments[1:-1:2] == moments[2::2]
        assert moments[-1] <= end_ns
    assert hooks(parent, "before")[0].begin_ns == before.begin_ns
    assert [hooks(parent, "before")[-1].end_ns, hooks(child, "child")[-1].end_ns] == [before.end_ns, after.end_ns]


def test_children_of_children_have_their_own_handlers(tmp_path: Path) -> None:
    """Each process of a chain shows the fork that it made, and the handlers that ran when it was made."""
    chain = trace_of("nested.py", tmp_path, "children").processes
    assert [(len(forks(process)), names(process, "before"), names(process, "child")) for process in chain] == [
        (1, ["__main__.first", "__main__.last"], []),
        *[(1, ["__main__.first", "__main__.last"], ["__main__.after"])] * 3,
        (0, [], ["__main__.after"]),
    ]
    assert [process.parent_pid for process in chain] == [None, *(process.pid for process in chain[:-1])]


def test_threads_that_fork_at_once_are_told_apart(tmp_path: Path) -> None:
    """Each fork has its handlers on the thread that called it, before and after."""
    parent, *children = trace_of("nested.py", tmp_path, "threads").processes
    tids = Counter(fork.tid for fork in forks(parent))
    assert sorted(tids.values()) == [10, 10, 10]
    for tid in tids:
        ran = [span.name for side in ("before", "parent") for span in hooks(parent, side) if span.tid == tid]
        own = Counter(name for name in ran if name.startswith("__main__."))
        assert own == {"__main__.first": 10, "__main__.last": 10, "__main__.after": 20}
    assert [names(child, "child") for child in children] == [["__main__.after"]] * 30


def test_fork_in_a_handler_lies_in_that_handler(tmp_path: Path) -> None:
    """The handler that forked lasts from its begin to its end; what ran for the inner fork lies within."""
    parent, *children = trace_of("nested.py", tmp_path, "handler").processes
    inner, outer = forks(parent)
    forking = [span for span in hooks(parent, "before") if span.name == "__main__.last"]
    assert forking[0].begin_ns < forking[1].begin_ns < inner.begin_ns < inner.end_ns
    assert inner.end_ns < (forking[0].end_ns or 0) == outer.begin_ns
    assert names(parent, "before") == ["__main__.first", "__main__.last"] * 2
    assert names(parent, "parent") == ["__main__.after"] * 4
    assert [names(child, "child") for child in children] == [["__main__.after"]] * 2


def test_fork_of_green_threads_is_explained(tmp_path: Path) -> None:
    """Where the host has replaced what tells threads apart, the phases are the same, on both sides."""
    (way,) = [way for way in start_ups(trace_of("green.py", tmp_path)) if way.process.start]
    assert [phase.name for phase in way.phases] == ["prepare", "fork", "after-fork-hooks", "bootstrap"]
    assert (way.explained or 0) >= 0.99


def test_fork_says_what_the_parent_was_like(tmp_path: Path) -> None:
    """Who forked; threads are counted, native ones too, and so are resident memory and page tables."""
    (fork,) = forks(trace_of("facts.py", tmp_path).processes[0])
    facts = dict(fork.args)
    source = (FORKS / "facts.py").read_text().splitlines()
    assert (facts.pop("file"), facts.pop("line")) == (str(FORKS / "facts.py"), source.index("pid = os.fork()") + 1)
    assert [name.partition(" ")[0] for name in facts.pop("others")] == ["Thread-1", "Thread-2"]
    assert (facts.pop("python_threads"), facts.pop("threads")) == (3, 6)
    assert 200 * MIB <= facts.pop("resident_bytes") <= 300 * MIB
    assert 0 < facts.pop("page_table_bytes") <= 2 * MIB
    assert facts == {}


def test_fork_of_a_large_process_takes_what_the_library_takes(tmp_path: Path) -> None:
    """The phase is the system call and no more: it has the CPU time of a fork that is timed through ctypes.

    Of several the fastest, since noise only adds. On a quiet machine wall time agrees too: benchmarks/fork_phase.py.
    """
    outcome = run(FORKS / "large.py", traced=True, folder=tmp_path, args=["128", "40"])
    assert outcome.run
    phase_ns = min(fork.cpu_ns for fork in forks(load([outcome.run]).processes[0]))
    timed_ns = min(int(line.split()[1]) for line in outcome.stdout.splitlines())
    assert 0.8 * timed_ns <= phase_ns <= 1.25 * timed_ns


def test_switched_off_the_fork_is_still_a_phase(tmp_path: Path) -> None:
    """Without the patch handlers are not told apart, and phases are as before."""
    outcome = run(FORKS / "hooks.py", traced=True, folder=tmp_path, args=["os.fork"], env={"MPTRACE_PATCHES": "-forks"})
    assert outcome.run
    parent, child = load([outcome.run]).processes
    assert [span for span in (*parent.spans, *child.spans) if span.category == "fork-hook"] == []
    assert [phase.name for phase in child.phases] == ["after-fork-hooks"]
    assert len(forks(parent)) == 1


def test_child_that_c_code_forks_without_a_word_is_a_process_of_its_own(tmp_path: Path) -> None:
    """What it imports is not its parent's. No handler has seen the fork, so there are no phases of it."""
    parent, child, brief = trace_of("untold.py", tmp_path).processes
    assert (brief.parent_pid, brief.end.status, brief.imports) == (parent.pid, 4, [])
    assert (child.parent_pid, child.start_method, child.end.status) == (parent.pid, "fork", 3)
    assert [event.module for event in child.imports if event.importer == "__main__"] == ["colorsys", "tabnanny"]
    assert [event.module for event in parent.imports if event.importer == "__main__"] == ["ctypes", "wave", "sched"]
    assert forks(parent) == []
    assert list(child.phases) == []
