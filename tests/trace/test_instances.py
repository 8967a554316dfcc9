"""Journals become processes: who is who, and when."""

from dataclasses import replace
from pathlib import Path

from mptrace.trace.merge import load
from tests.journals import MOMENT_NS, MS, Host, RunFolder
from tests.trace.traces import by_pid

ALPHA = Host()


def test_times_count_from_the_roots_beginning(run: RunFolder) -> None:
    """The first process begins at nought, wherever its host's clock stood."""
    run.process(100, begin=7).instant("here", 10)
    trace = load([run.write()])
    assert trace.origin_ns == MOMENT_NS + 7 * MS
    assert (trace.processes[0].begin_ns, trace.processes[0].instants[0].at_ns) == (0, 3 * MS)


def test_processes_stand_in_the_order_in_which_they_began(run: RunFolder) -> None:
    """The order is that of time, not of pids or files."""
    for pid, begin in ((300, 0), (100, 20), (200, 10)):
        run.process(pid, begin=begin)
    assert [process.pid for process in load([run.write()]).processes] == [300, 200, 100]


def test_times_are_never_negative(run: RunFolder) -> None:
    """What claims to be older than the run began with it."""
    run.process(100, begin=5).span("early", 1, 3)
    assert [(span.begin_ns, span.end_ns) for span in load([run.write()]).processes[0].spans] == [(0, 0)]


def test_end_before_its_beginning_is_no_time_at_all(run: RunFolder) -> None:
    """A span that ends before it began has no duration."""
    run.process(100).span("odd", 5, 3)
    assert [(span.begin_ns, span.end_ns) for span in load([run.write()]).processes[0].spans] == [(5 * MS, 5 * MS)]


def test_fork_then_exec_is_one_process(run: RunFolder) -> None:
    """Two images of one pid and start time are one process, called what it runs last."""
    run.process(100)
    run.process(101, ppid=100, begin=10, origin="fork").span("in the fork", 11, 12)
    run.process(101, ppid=100, begin=20, born=10, argv=("python", "-m", "tool")).span("after exec", 21, 22)
    process = by_pid(load([run.write()]))[101]
    assert [span.name for span in process.spans] == ["in the fork", "after exec"]
    assert (process.name, process.role, process.start_method, process.begin_ns) == (
        "-m tool", "subprocess", "subprocess", 10 * MS,
    )  # fmt: skip


def test_interpreter_of_an_executed_program_is_not_told(run: RunFolder) -> None:
    """How long it took is not known where the process ran another program before: the kernel counts its time on."""
    run.process(100).phase("interpreter", 0, 5)
    run.process(100, begin=1, born=0).phase("interpreter", 1, 900).phase("site", 900, 901)
    (process,) = load([run.write()]).processes
    assert [(phase.name, phase.end_ns) for phase in process.phases] == [("interpreter", 5 * MS), ("site", 901 * MS)]


def test_reused_pid_is_another_process(run: RunFolder) -> None:
    """The same pid with another start time is another process; the first one keeps the pid."""
    run.process(100)
    run.process(101, ppid=100, begin=10, argv=("python", "-c", "1")).ends(20)
    run.process(101, ppid=100, begin=50, argv=("python", "-c", "2"))
    trace = load([run.write()])
    assert [(process.pid, process.os_pid) for process in trace.processes] == [
        (100, 100), (101, 101), (10_000_101, 101),
    ]  # fmt: skip


def test_fork_with_a_pid_reused_within_a_tick_is_another_process(run: RunFolder) -> None:
    """A fork always makes a process, even if the kernel's clock shows the same tick."""
    run.process(100)
    for begin in (10, 11):
        run.process(101, ppid=100, begin=begin, origin="fork", ticks=7)
    assert [process.pid for process in load([run.write()]).processes] == [100, 101, 10_000_101]


def test_third_holder_of_a_pid_gets_a_third_number(run: RunFolder) -> None:
    """No two processes of a trace share a pid."""
    for begin in (0, 50, 100):
        run.process(100, begin=begin)
    assert [process.pid for process in load([run.write()]).processes] == [100, 10_000_100, 20_000_100]


def test_hosts_are_aligned_by_the_time_of_day(run: RunFolder) -> None:
    """Clocks of two hosts differ; what each called the same time of day is one moment."""
    beta = replace(ALPHA, name="beta", moment_ns=77 * MS)
    run.process(100).instant("on alpha", 20)
    run.process(100, begin=20, host=beta).instant("on beta", 30)
    trace = load([run.write()])
    assert [(process.pid, process.host, process.begin_ns) for process in trace.processes] == [
        (100, "alpha", 0), (10_000_100, "beta", 20 * MS),
    ]  # fmt: skip
    assert trace.processes[1].instants[0].at_ns == 30 * MS


def test_time_namespaces_are_aligned_by_the_time_of_day(run: RunFolder) -> None:
    """A container whose monotonic clock is shifted shows in its place."""
    run.process(100)
    run.process(101, begin=20, host=replace(ALPHA, time_namespace=5, moment_ns=1 * MS))
    assert [process.begin_ns for process in load([run.write()]).processes] == [0, 20 * MS]


def test_processes_of_a_host_keep_their_distance_when_its_time_of_day_is_set(run: RunFolder) -> None:
    """Within a host only the monotonic clock counts."""
    run.process(100)
    run.process(101, begin=20, host=replace(ALPHA, realtime_ns=ALPHA.realtime_ns + 3_600_000 * MS))
    assert [process.begin_ns for process in load([run.write()]).processes] == [0, 20 * MS]


def test_several_folders_make_one_trace(tmp_path: Path) -> None:
    """Runs of two hosts are merged; the first folder says what was run."""
    first, second = RunFolder(tmp_path / "a", {"id": "a"}), RunFolder(tmp_path / "b", {"id": "b"})
    first.process(100)
    second.process(100, begin=5, host=replace(ALPHA, name="beta", moment_ns=9 * MS))
    trace = load([first.write(), second.write()])
    assert trace.run == {"id": "a"}
    assert [process.begin_ns for process in trace.processes] == [0, 5 * MS]


def test_pid_namespaces_are_apart(run: RunFolder) -> None:
    """Pid 1 of a container is not pid 1 of another."""
    for namespace in (1, 2):
        run.process(1, begin=namespace, ticks=5, host=replace(ALPHA, pid_namespace=namespace))
    assert [(process.pid, process.os_pid) for process in load([run.write()]).processes] == [(1, 1), (10_000_001, 1)]
