"""Garbage collections, and the pages they copy, are in the trace; the host notices nothing but one callback."""

from pathlib import Path

import pytest

from mptrace.records import COLLECTION, END
from mptrace.trace.merge import load
from mptrace.trace.model import Process, Span, Trace
from tests.hosts import PROGRAMS, Outcome, failures, records, run

MEMORY = PROGRAMS / "memory"
# What makes a process one whose collections are recorded.
WATCHED = "import gc, typing; "
# Long enough to be written down.
LONG = "objects = [[number] for number in range(300_000)]; gc.collect(); "


def traced(program: Path | str, folder: Path, *args: str) -> Outcome:
    """Run a program, which must end well and print nothing to stderr."""
    outcome = run(program if isinstance(program, Path) else ("-c", program), traced=True, folder=folder, args=args)
    assert (outcome.status, outcome.stderr) == (0, b"")
    return outcome


def trace_of(outcome: Outcome) -> Trace:
    """Return the trace of a run in which nothing of ours failed."""
    assert outcome.run
    assert failures(outcome.run) == []
    return load([outcome.run])


def collections(process: Process) -> list[Span]:
    """Return the spans of a process's collections."""
    return [span for span in process.spans if span.category == "gc"]


def copied(trace: Trace) -> tuple[int, int]:
    """Return the most page faults of any collection in the parent before it forked, and in the child."""
    parent, child = (process for process in trace.processes if process.role in ("main", "process"))
    before = [span for span in collections(parent) if span.begin_ns < child.begin_ns]
    most = [max(span.args.get("minor_faults", 0) for span in spans) for spans in (before, collections(child))]
    return most[0], most[1]


def test_long_collection_is_a_span(tmp_path: Path) -> None:
    """A collection says its generation, what it found, and that it lasted."""
    trace = trace_of(traced(f"{WATCHED}{LONG}x = []; x.append(x); del x; print(gc.collect(2))", tmp_path))
    span = next(span for span in reversed(collections(trace.processes[0])) if span.args["collected"])
    assert (span.name, span.tid) == ("gc generation 2", trace.processes[0].os_pid)
    assert span.args.keys() == {"generation", "collected", "uncollectable", "minor_faults"}
    assert (span.args["collected"], span.args["uncollectable"]) == (1, 0)
    assert span.end_ns
    assert span.end_ns - span.begin_ns >= 500_000


def test_short_collections_are_counted(tmp_path: Path) -> None:
    """Collections too short for a span of their own are in the count that a process ends with."""
    outcome = traced(f"{WATCHED}gc.disable(); gc.freeze(); [gc.collect(0) for _ in range(1000)]", tmp_path)
    assert outcome.run
    (end,) = records(outcome.run, END)
    written = len(records(outcome.run, COLLECTION))
    assert 1000 <= end["collections"] <= 1100
    assert 0 < end["collecting_ns"] < 1_000_000_000
    assert written < 100
    (counter,) = [
        counter for counter in trace_of(outcome).processes[0].counters if counter.name == "garbage collections"
    ]
    assert counter.values == {"count": end["collections"], "time_ns": end["collecting_ns"]}


def test_collection_in_a_forked_child_shows_the_pages_it_copies(tmp_path: Path) -> None:
    """Looking at the objects of its parent, a child's collector copies the pages they are on."""
    parent, child = copied(trace_of(traced(MEMORY / "collecting.py", tmp_path)))
    # 300,000 lists of 72 bytes and more are on 5,300 pages at least.
    assert child > 5_000
    assert parent < 1_000


def test_collection_after_freeze_copies_little(tmp_path: Path) -> None:
    """What gc.freeze() put aside before the fork is not looked at, and not copied."""
    outcome = traced(MEMORY / "collecting.py", tmp_path, "frozen")
    child = next(process for process in trace_of(outcome).processes if process.role == "process")
    assert sum(span.args.get("minor_faults", 0) for span in collections(child)) < 1_000


def test_forked_child_counts_its_own(tmp_path: Path) -> None:
    """A child's count begins at its fork."""
    program = f"{WATCHED}import os; [gc.collect(0) for _ in range(500)]; pid = os.fork(); pid and os.waitpid(pid, 0)"
    outcome = traced(program, tmp_path)
    assert outcome.run
    child, parent = sorted(end["collections"] for end in records(outcome.run, END))
    assert parent >= 500
    assert child < 100


def test_what_a_signal_handler_raises_during_a_collection_reaches_the_host(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a long collection is not lost in our callback."""
    outcome = traced(MEMORY / "interrupted.py", tmp_path)
    assert outcome.stdout == b"delivered 5\n"
    trace = trace_of(outcome)
    assert len([span for span in collections(trace.processes[0]) if span.args["generation"] == 2]) >= 5


def test_collection_in_another_thread_is_on_its_track(tmp_path: Path) -> None:
    """A collection belongs to the thread that had to wait for it."""
    program = (
        f"{WATCHED}import threading; gc.disable(); objects = [[number] for number in range(300_000)]\n"
        "thread = threading.Thread(target=gc.collect); thread.start(); print(thread.native_id); thread.join()"
    )
    outcome = traced(program, tmp_path)
    process = trace_of(outcome).processes[0]
    assert int(outcome.stdout) in {span.tid for span in collections(process)}


def test_small_process_has_no_callback(tmp_path: Path) -> None:
    """What neither imports typing nor starts a process is spared, and says that nobody counted."""
    outcome = traced("import gc; print(gc.callbacks)", tmp_path)
    assert outcome.stdout == b"[]\n"
    assert outcome.run
    assert [end["collections"] for end in records(outcome.run, END)] == [None]


def test_collector_is_not_imported_for_the_host(tmp_path: Path) -> None:
    """The module gc is in sys.modules only where the host imports it."""
    program = ("-c", "import sys, typing; print(*sorted(sys.modules))")
    plain = set(run(program, traced=False, folder=tmp_path).stdout.split())
    assert set(traced(program[1], tmp_path).stdout.split()) - plain == {
        module for module in traced(program[1], tmp_path).stdout.split() if module.startswith(b"mptrace")
    }


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("gc.callbacks.clear()", ["gc: the host has emptied gc.callbacks"]),
        ("gc.callbacks.append(print); gc.callbacks.remove(print)", []),
        ("gc.callbacks[:] = [print]; gc.callbacks.clear()", ["gc: the host has emptied gc.callbacks"]),
    ],
)
def test_callback_taken_away_by_the_host_is_told(host: str, said: list[str], tmp_path: Path) -> None:
    """The list is the host's; that ours is gone from it is in the journal."""
    outcome = traced(f"{WATCHED}{host}", tmp_path)
    assert outcome.run
    assert failures(outcome.run) == said


def test_callbacks_of_the_host_stay_when_tracing_stops(tmp_path: Path) -> None:
    """Our callback goes, those of the host stay; started again, collections are recorded again."""
    program = (
        "import gc, typing, mptrace; mptrace.start(); gc.callbacks.append(print); print(len(gc.callbacks));"
        "mptrace.stop(); print(gc.callbacks == [print]); gc.callbacks.clear();"
        "mptrace.start(); print(len(gc.callbacks))"
    )
    outcome = run(("-c", program), traced=False, folder=tmp_path)
    words = [line for line in outcome.stdout.decode().splitlines() if not line.startswith(("start", "stop"))]
    assert (words, outcome.stderr) == (["2", "True", "1"], b"")


def test_stranger_under_the_journals_descriptor_is_not_written_to(tmp_path: Path) -> None:
    """Where the host has put another file under our number, a collection is not recorded, and that is told."""
    program = (
        f"{WATCHED}import os; gc.disable(); objects = [[number] for number in range(300_000)]\n"
        "links = {n: os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if n != '3'}\n"
        "(ours,) = [int(n) for n, file in links.items() if file.endswith('.journal')]\n"
        "stranger = os.open('stranger', os.O_WRONLY | os.O_CREAT)\n"
        "os.dup2(stranger, ours); gc.collect(); os.close(ours); print(os.fstat(stranger).st_size)"
    )
    outcome = traced(program, tmp_path)
    assert outcome.stdout == b"0\n"
    assert outcome.run
    assert failures(outcome.run) == ["gc: the journal got another descriptor"]
