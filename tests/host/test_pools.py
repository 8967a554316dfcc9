"""What pools, managers and their helpers cost is recorded where it was spent.

The programs are in programs/pools/. Noise only ever adds, so what was planted may be measured several times.
"""

from itertools import pairwise
from pathlib import Path

import pytest

import mptrace
from mptrace.trace.arrows import arrows
from mptrace.trace.model import Phase, Process, Span, Trace
from tests.hosts import PROGRAMS, failures, run

MS = 1_000_000
START_METHODS = ("fork", "spawn", "forkserver")
ROLES = {"pool": "pool-worker", "executor": "executor-worker"}
PLANTED_MS = 50
ATTEMPTS = 5

each_method = pytest.mark.parametrize("method", START_METHODS)
each_kind = pytest.mark.parametrize("kind", ROLES)


def trace_of(folder: Path, program: str, *args: object) -> Trace:
    """Run a program of programs/pools/ in *folder*, and return its trace."""
    outcome = run(PROGRAMS / "pools" / program, traced=True, folder=folder, args=[str(arg) for arg in args])
    assert outcome.status == 0, outcome.stderr
    assert outcome.run
    assert failures(outcome.run) == []
    return mptrace.load(outcome.run)


def with_role(trace: Trace, role: str) -> list[Process]:
    """Return the processes with that role."""
    return [process for process in trace.processes if process.role == role]


def spans(process: Process, category: str, name: str) -> list[Span]:
    """Return the spans of *process* with that name."""
    return [span for span in process.spans if (span.category, span.name) == (category, name)]


def wall_ns(event: Span | Phase) -> int:
    """Return how long a finished event took."""
    assert event.end_ns is not None
    return event.end_ns - event.begin_ns


def moments(folder: Path, trace: Trace) -> dict[str, int]:
    """Return when each moment that the worker told of was for the first time, on the clock of *trace*."""
    lines = [line.split() for line in (folder / "moments").read_text().splitlines()]
    return {name: int(at_ns) - trace.origin_ns for name, at_ns in reversed(lines)}


def distances(event: Span | Phase, begin_ns: int, end_ns: int) -> tuple[float, float]:
    """Return how many milliseconds before *begin_ns* an event began, and after *end_ns* it ended."""
    assert event.end_ns is not None
    return (begin_ns - event.begin_ns) / MS, (event.end_ns - end_ns) / MS


@pytest.mark.quiet
@each_method
@each_kind
def test_planted_delays_are_found_in_their_places(kind: str, method: str, tmp_path: Path) -> None:
    """The borders of the initializer, and of the first task with its argument, are within 5 ms of what they were."""
    found = []
    for _ in range(ATTEMPTS):
        (tmp_path / "moments").unlink(missing_ok=True)
        trace = trace_of(tmp_path, "pool.py", kind, method, PLANTED_MS, PLANTED_MS, PLANTED_MS)
        (worker,) = with_role(trace, ROLES[kind])
        was = moments(tmp_path, trace)
        (task,) = spans(worker, "pool", "first task")
        found = [
            *distances(worker.phases[-1], was["initializing"], was["initialized"]),
            *distances(task, was["arriving"], was["worked"]),
        ]
        assert min(found) >= 0
        if max(found) <= 0.1 * PLANTED_MS:
            return
    pytest.fail(f"{kind} ({method}): off by {found} ms")


@pytest.mark.quiet
@each_method
@each_kind
def test_worker_is_ready_when_its_initializer_is_done(kind: str, method: str, tmp_path: Path) -> None:
    """The phases of a worker reach, without a gap, to the end of its initializer; then comes its first task."""
    trace = trace_of(tmp_path, "pool.py", kind, method, 20, 0, 20)
    (worker,) = with_role(trace, ROLES[kind])
    assert worker.phases[-1].name == "initializer"
    assert [one.end_ns for one in worker.phases[:-1]] == [one.begin_ns for one in worker.phases[1:]]
    assert worker.ready_ns is not None
    assert worker.first_task_ns is not None
    assert worker.ready_ns == worker.phases[-1].end_ns
    assert worker.ready_ns <= worker.first_task_ns
    (initializer,) = spans(worker, "pool", "initializer")
    assert initializer.args["function"].rpartition(":")[2] == "initialize"
    assert worker.phases[-1].begin_ns <= initializer.begin_ns
    assert (initializer.end_ns or 0) <= worker.phases[-1].end_ns
    (task,) = spans(worker, "pool", "first task")
    assert task.begin_ns == worker.first_task_ns


@each_method
@each_kind
def test_pool_made_is_a_span_of_its_shape(kind: str, method: str, tmp_path: Path) -> None:
    """What a pool looks like stands beside the span of its making; a Pool starts its workers in it."""
    parent = trace_of(tmp_path, "pool.py", kind, method, 0, 0, 0).processes[0]
    name = {"pool": "Pool", "executor": "ProcessPoolExecutor"}[kind]
    (made,) = spans(parent, "pool", f"create {name}")
    assert made.args == {
        "kind": name, "workers": 1, "start_method": method, "initializer": "__main__:initialize", "max_tasks": None,
    }  # fmt: skip
    (start,) = parent.starts
    assert made.end_ns is not None
    assert start.end_ns is not None
    if kind == "pool":
        assert made.begin_ns < start.begin_ns < start.end_ns < made.end_ns
    else:
        assert made.end_ns < start.begin_ns


def test_idle_worker_has_no_first_task(tmp_path: Path) -> None:
    """A worker that was only told to end received no task."""
    workers = with_role(trace_of(tmp_path, "fates.py", "idle", "spawn"), "pool-worker")
    assert [worker.ready_ns is not None for worker in workers] == [True, True]
    assert [worker.first_task_ns for worker in workers] == [None, None]


def test_idle_worker_of_an_executor_has_no_first_task(tmp_path: Path) -> None:
    """Nor did one of an executor, which answers with its pid when it is told to end."""
    workers = with_role(trace_of(tmp_path, "fates.py", "idle_in_executor", "fork"), "executor-worker")
    assert [worker.ready_ns is not None for worker in workers] == [True, True]
    assert sorted(worker.first_task_ns is None for worker in workers) == [False, True]


@pytest.mark.parametrize(
    ("fate", "method"),
    [
        ("replaced", "fork"),
        ("replaced", "spawn"),
        ("replaced", "forkserver"),
        ("replaced_in_executor", "spawn"),
        ("replaced_in_executor", "forkserver"),
    ],
)
def test_worker_that_takes_the_place_of_another_says_so(fate: str, method: str, tmp_path: Path) -> None:
    """A worker that had its share of tasks is followed by the one that is told to replace it."""
    parent = trace_of(tmp_path, "fates.py", fate, method).processes[0]
    replacements = [instant for instant in parent.instants if instant.name == "replace worker"]
    pids = [start.child_pid for start in parent.starts]
    # How many are started for tasks that never come depends on which thread is faster.
    assert len(pids) >= 3
    assert [(one.args["ended_pid"], one.args["pid"]) for one in replacements] == list(pairwise(pids))


def test_worker_killed_before_it_is_ready_never_was(tmp_path: Path) -> None:
    """It has an unfinished initializer, and its replacement knows by what signal it ended."""
    trace = trace_of(tmp_path, "fates.py", "killed_in_initializer", "fork")
    killed, replacing = with_role(trace, "pool-worker")[:2]
    assert killed.ready_ns is None
    assert [span.end_ns for span in spans(killed, "pool", "initializer")] == [None]
    assert replacing.ready_ns is not None
    instant = next(instant for instant in trace.processes[0].instants if instant.name == "replace worker")
    expected = {"kind": "Pool", "pid": replacing.pid, "ended_pid": killed.pid, "returncode": -9}
    assert instant.args == expected


def test_worker_whose_initializer_fails_never_is_ready(tmp_path: Path) -> None:
    """Its initializer has no end, because nobody told of it."""
    (worker,) = with_role(trace_of(tmp_path, "fates.py", "failing_initializer", "spawn"), "executor-worker")
    assert worker.ready_ns is None
    assert [span.end_ns for span in spans(worker, "pool", "initializer")] == [None]


def test_worker_killed_in_its_first_task_was_in_it(tmp_path: Path) -> None:
    """The first task is unfinished."""
    (worker,) = with_role(trace_of(tmp_path, "fates.py", "killed_in_task", "fork"), "executor-worker")
    assert [span.end_ns for span in spans(worker, "pool", "first task")] == [None]
    assert worker.first_task_ns is not None


def test_worker_that_says_itself_when_it_is_ready_is_believed(tmp_path: Path) -> None:
    """mptrace.ready() counts more than the end of the initializer."""
    (worker,) = with_role(trace_of(tmp_path, "fates.py", "declared", "fork"), "pool-worker")
    assert worker.first_task_ns is not None
    assert worker.ready_ns is not None
    assert worker.ready_ns >= worker.first_task_ns + 50 * MS


def test_what_was_not_made_is_not_recorded(tmp_path: Path) -> None:
    """Neither a pool that its constructor refused, nor a pool of threads, is recorded."""
    trace = trace_of(tmp_path, "fates.py", "unmade", "spawn")
    assert [span.name for process in trace.processes for span in process.spans if span.category == "pool"] == []


def test_manager_whose_server_is_no_process_starts_none(tmp_path: Path) -> None:
    """Where a context's process is a thread, nothing was started and nothing fails; calls are recorded all the same."""
    (host,) = trace_of(tmp_path, "server_in_thread.py").processes
    assert spans(host, "manager", "start server") == []
    assert len(spans(host, "manager", "connect to server")) >= 1


@each_method
def test_server_of_a_manager_is_started_and_called(method: str, tmp_path: Path) -> None:
    """Its start lasts until it has said its address; calls are counted, and a slow one is a span."""
    trace = trace_of(tmp_path, "server.py", method)
    parent = trace.processes[0]
    (server,) = with_role(trace, "manager")
    (started,) = spans(parent, "manager", "start server")
    assert started.args == {"manager": "SyncManager", "child_pid": server.pid}
    assert started.end_ns is not None
    (bound,) = [instant.at_ns for instant in server.instants if instant.name == "server bound"]
    assert server.ready_ns is not None
    assert server.ready_ns + PLANTED_MS * MS <= bound <= started.end_ns
    assert parent.starts[0].end_ns is not None
    assert started.begin_ns <= parent.starts[0].begin_ns < parent.starts[0].end_ns < started.end_ns
    calls = [span for span in parent.spans if span.name.startswith("proxy call")]
    assert calls[0].name == "proxy call sleep"
    assert sum(wall_ns(span) >= 0.99 * PLANTED_MS * MS for span in calls) == 1
    assert len(spans(parent, "manager", "connect to server")) == 1
    counted = [counter.values for counter in parent.counters if counter.name == "proxy calls"]
    assert counted[-1]["calls"] == 20
    assert counted[-1]["waited_ns"] >= sum(map(wall_ns, calls))
    child = with_role(trace, "process")[0]
    assert [counter.values["calls"] for counter in child.counters if counter.name == "proxy calls"][-1] == 1


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_start_of_helpers_is_a_span(method: str, tmp_path: Path) -> None:
    """The process that starts the resource tracker, or the forkserver, says how long that took, once."""
    trace = trace_of(tmp_path, "pool.py", "pool", method, 0, 0, 0)
    helpers = ("start resource_tracker", "start forkserver")[: 1 + (method == "forkserver")]
    started = [(process.role, span.name) for process in trace.processes for span in process.spans]
    assert [row for row in started if row[1] in helpers or "start " in row[1]] == [("main", name) for name in helpers]


def test_tracker_of_loky_is_told_from_the_other(tmp_path: Path) -> None:
    """Each is started where its own module launches it."""
    trace = trace_of(tmp_path, "two_trackers.py")
    parent, found = trace.processes[0], arrows(trace).causes
    launches = spans(parent, "startup", "start resource_tracker")
    assert sorted(launch.args["module"] for launch in launches) == [
        "loky.backend.resource_tracker",
        "multiprocessing.resource_tracker",
    ]
    for launch in launches:
        (tracker,) = (each for each in with_role(trace, "resource-tracker") if launch.args["module"] in each.argv[-1])
        assert found[tracker.pid] is launch
