"""Who started whom, how each process ended, and who never reported."""

from dataclasses import replace

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import End, Missing
from tests.journals import MS, UNKNOWN, Host, RunFolder
from tests.trace.traces import by_pid

ALPHA = Host()


def test_start_links_to_its_child(run: RunFolder) -> None:
    """The process whose pid start() was told is its child, and is called what it was started as."""
    run.process(100).starts("Process-1", 10, 14, child_pid=101)
    run.process(101, ppid=100, begin=12)
    child = by_pid(load([run.write()]))[101]
    assert child.start
    assert (child.parent_pid, child.start.begin_ns, child.start.end_ns) == (100, 10 * MS, 14 * MS)
    assert (child.name, child.role, child.start_method) == ("Process-1", "process", "spawn")


def test_child_that_was_slow_to_report_is_linked_by_its_start_time(run: RunFolder) -> None:
    """A child whose interpreter waited long for its disk was made when the kernel says, not when it first spoke."""
    run.process(100).starts("Process-1", 10, 14, child_pid=101)
    run.process(101, ppid=100, begin=900, born=12)
    assert by_pid(load([run.write()]))[101].parent_pid == 100
    assert load([run.folder]).missing == []


def test_start_time_is_told_on_a_machine_that_was_suspended(run: RunFolder) -> None:
    """Start times count through a suspend, the monotonic clock does not."""
    slept = replace(ALPHA, suspended_ns=3_600_000 * MS)
    run.process(100, host=slept).starts("Process-1", 10, 14, child_pid=101)
    run.process(101, ppid=100, begin=900, born=12, host=slept)
    trace = load([run.write()])
    assert [process.name for process in trace.processes] == ["app.py", "Process-1"]
    assert list(trace.missing) == []


def test_reused_pid_links_to_its_own_start(run: RunFolder) -> None:
    """Each of two children of one pid belongs to the call that made it."""
    run.process(100).starts("A", 10, 12, child_pid=101).starts("B", 500, 502, child_pid=101)
    run.process(101, ppid=100, begin=11).ends(100, 0)
    run.process(101, ppid=100, begin=501)
    assert [process.name for process in load([run.write()]).processes] == ["app.py", "A", "B"]


def test_forkserver_child_belongs_to_who_called_start(run: RunFolder) -> None:
    """To the kernel the server is the parent; the trace shows the call."""
    argv = ("python", "-c", "from multiprocessing.forkserver import main; main(3, 5, [])")
    run.process(100).starts("Process-1", 10, 40, child_pid=102, method="forkserver")
    run.process(101, ppid=100, begin=15, argv=argv)
    run.process(102, ppid=101, begin=30, origin="fork", argv=argv)
    processes = by_pid(load([run.write()]))
    assert (processes[101].name, processes[101].role, processes[101].start_method, processes[101].parent_pid) == (
        "forkserver", "forkserver", "subprocess", 100,
    )  # fmt: skip
    assert (processes[102].name, processes[102].role, processes[102].start_method, processes[102].parent_pid) == (
        "Process-1", "process", "forkserver", 100,
    )  # fmt: skip


def test_parent_is_the_holder_of_the_pid_at_that_moment(run: RunFolder) -> None:
    """A reused pid of a parent means the process that had it then."""
    run.process(100)
    run.process(101, ppid=100, begin=10).ends(100)
    run.process(102, ppid=101, begin=50)
    run.process(101, ppid=100, begin=200)
    run.process(103, ppid=101, begin=250)
    processes = by_pid(load([run.write()]))
    assert (processes[102].parent_pid, processes[103].parent_pid) == (101, 10_000_101)


def test_fork_is_linked_to_its_phase(run: RunFolder) -> None:
    """Of several forks, the child's is the one that it says; a start() is told by its call alone."""
    main = run.process(100).phase("fork", 10, 11).phase("fork", 20, 21).phase("fork", 30, 31)
    main.starts("P", 29, 32, child_pid=102, method="fork")
    run.process(101, ppid=100, begin=35, born=20, origin="fork", forked=20)
    run.process(102, ppid=100, begin=31, origin="fork", forked=30)
    processes = by_pid(load([run.write()]))
    fork = processes[101].fork
    assert fork
    assert (fork.begin_ns, fork.end_ns) == (20 * MS, 21 * MS)
    assert processes[102].fork is None


def test_parent_that_had_ended_is_none(run: RunFolder) -> None:
    """Whoever had the pid before, and was over, is nobody's parent."""
    run.process(100).ends(50, 0)
    run.process(101, ppid=100, begin=500)
    assert by_pid(load([run.write()]))[101].parent_pid is None


@pytest.mark.parametrize(
    ("status", "learned", "end"),
    [
        (None, None, End("exited", None, None, 90 * MS)),
        (3, None, End("exited", 3, None, 90 * MS)),
        (None, 3, End("exited", 3, None, 90 * MS)),
        (0, 255, End("exited", 0, None, 90 * MS)),
        (None, 255, End("exited", 255, None, 90 * MS)),
        (-1, 255, End("exited", 255, None, 90 * MS)),
        (259, None, End("exited", 3, None, 90 * MS)),
        (0, 1, End("exited", 1, None, 90 * MS)),
        (0, -9, End("signaled", None, 9, 95 * MS)),
    ],
)
def test_end_is_what_the_process_and_its_parent_say(
    run: RunFolder, status: int | None, learned: int | None, end: End
) -> None:
    """The process's own last word and the parent's knowledge complete each other; 255 is no knowledge."""
    main = run.process(100)
    run.process(101, ppid=100, begin=10).ends(90, status)
    if learned is not None:
        main.child_ended(95, 101, learned)
    assert by_pid(load([run.write()]))[101].end == end


def test_end_that_only_the_parent_saw(run: RunFolder) -> None:
    """A process without a last word ended as its parent says, when the parent learned it."""
    run.process(100).child_ended(50, 101, 7).child_ended(60, 102, -15)
    run.process(101, ppid=100, begin=10)
    run.process(102, ppid=100, begin=11)
    processes = by_pid(load([run.write()]))
    assert processes[101].end == End("exited", 7, None, 50 * MS)
    assert processes[102].end == End("signaled", None, 15, 60 * MS)
    assert processes[100].end == End("unknown", None, None, None)


def test_end_belongs_to_the_holder_of_the_pid(run: RunFolder) -> None:
    """What was learned about a pid is about the process that had it then."""
    run.process(100).child_ended(40, 101, 1).child_ended(90, 101, 2)
    run.process(101, ppid=100, begin=10)
    run.process(101, ppid=100, begin=50)
    assert [process.end.status for process in load([run.write()]).processes] == [None, 1, 2]


@pytest.mark.parametrize(("ancestors", "parent"), [([100], 100), ([7, 100, 1], 100), ([102, 100], 102), ([7], None)])
def test_child_of_an_unknown_shell_belongs_to_whom_that_descends_from(
    run: RunFolder, ancestors: list[int], parent: int | None
) -> None:
    """os.system() says no pid: the nearest process of the trace above the kernel's parent is who called it."""
    run.process(100)
    run.process(102, ppid=100, begin=5)
    run.process(105, ppid=104, begin=10, used={**UNKNOWN, "ancestors": ancestors})
    assert by_pid(load([run.write()]))[105].parent_pid == parent


def test_ancestor_that_was_over_is_none(run: RunFolder) -> None:
    """Its pid is somebody else's by then."""
    run.process(100)
    run.process(102, ppid=100, begin=5).ends(50, 0)
    run.process(105, ppid=104, begin=200, used={**UNKNOWN, "ancestors": [102]})
    assert by_pid(load([run.write()]))[105].parent_pid is None


@pytest.mark.parametrize(
    ("method", "returncode", "reason"),
    [
        ("spawn", -9, "P: killed by SIGKILL before its interpreter had started"),
        ("fork", -15, "P: killed by SIGTERM before it could report"),
        ("forkserver", -15, "P: killed by SIGTERM before it could report"),
        ("spawn", 3, "P: ended with status 3 and was not traced"),
        ("spawn", None, "P: not a traced interpreter, or unable to write to the folder of the run"),
    ],
)
def test_child_that_never_reported_is_missing(run: RunFolder, method: str, returncode: int | None, reason: str) -> None:
    """A child that was started and has no journal is named, with what is known of it."""
    main = run.process(100).starts("P", 10, 12, child_pid=101, method=method)
    if returncode is not None:
        main.child_ended(50, 101, returncode)
    assert list(load([run.write()]).missing) == [Missing(101, reason)]


def test_child_whose_journal_cannot_be_read_is_missing(run: RunFolder) -> None:
    """A child that did report, unreadably, is named too."""
    run.process(100).starts("P", 10, 12, child_pid=101)
    (run.write() / "101-0.journal").write_text("x")
    assert list(load([run.folder]).missing) == [Missing(101, "P: its journal could not be read")]


def test_empty_journal_is_told_once(run: RunFolder) -> None:
    """As a full disk leaves it: with the child, if that is known. One of which nothing else is known is a warning."""
    run.process(100).starts("P", 10, 12, child_pid=101)
    for name in ("101-0", "103-0"):
        (run.write() / f"{name}.journal").write_text("")
    trace = load([run.folder])
    assert list(trace.missing) == [Missing(101, "P: its journal is empty")]
    assert list(trace.warnings) == [f"{run.folder.name}/103-0.journal: is empty"]


def test_start_that_never_got_a_child_misses_none(run: RunFolder) -> None:
    """A start() that failed has no child to miss."""
    run.process(100).starts("P", 10, None)
    assert list(load([run.write()]).missing) == []


def test_forked_child_that_never_reported_is_missing(run: RunFolder) -> None:
    """Its parent forked and was told of its end, and nothing else is known of it; a stranger's end is nobody's."""
    run.process(100).phase("fork", 5, 6).child_ended(20, 101, -15).child_ended(30, 102, 3)
    run.process(200, begin=1).child_ended(40, 201, 0)
    assert list(load([run.write()]).missing) == [
        Missing(101, "forked, and killed by SIGTERM before it could report"),
        Missing(102, "forked, and ended with status 3 without a report"),
    ]


def test_started_child_that_never_reported_is_missing_once(run: RunFolder) -> None:
    """Whoever else learns of its end, too, as by os.wait(), adds nothing."""
    run.process(100).phase("fork", 5, 6).starts("A", 10, 12, child_pid=101, method="fork")
    run.journals[-1].child_ended(20, 101, -9).child_ended(21, 101, -9)
    assert [missing.pid for missing in load([run.write()]).missing] == [101]
