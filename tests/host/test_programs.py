"""Programs that a real host starts, or turns into: who is whose child, what it is called, and how it ended."""

from pathlib import Path

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Process, Span, Trace
from tests.hosts import PROGRAMS, run

PROGRAM = PROGRAMS / "programs.py"
MS = 1_000_000


def traced(folder: Path, *acts: str) -> tuple[Trace, dict[str, int]]:
    """Run the program, and return its trace, and the pid of whoever said each word."""
    outcome = run(PROGRAM, traced=True, folder=folder, args=acts, env={"MPTRACE_STRICT": "1"})
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    trace = load([outcome.run])
    assert [failure for process in trace.processes for failure in process.failures] == []
    assert list(trace.warnings) == []
    return trace, {word: int(pid) for word, pid in map(str.split, outcome.stdout.decode().splitlines())}


def processes(trace: Trace) -> dict[int, Process]:
    """Return the processes by their pid."""
    return {process.pid: process for process in trace.processes}


def lives(process: Process) -> dict[int, Span]:
    """Return the spans of the programs that a process started, by their pid."""
    return {span.args["child_pid"]: span for span in process.spans if span.category == "subprocess"}


def test_direct_fork_is_a_process(tmp_path: Path) -> None:
    """A child of os.fork() is linked to the phase of its parent, and says itself how it ended."""
    trace, said = traced(tmp_path, "fork_directly")
    parent, child = processes(trace)[said["main"]], processes(trace)[said["forked"]]
    assert (child.parent_pid, child.role, child.start_method, child.name) == (
        parent.pid,
        "process",
        "fork",
        "programs.py",
    )
    assert child.end.status == 3
    assert child.fork in parent.phases


def test_daemon_keeps_its_parents(tmp_path: Path) -> None:
    """A daemon is the child of who forked it, who has ended since, and stays itself when it executes its service."""
    trace, said = traced(tmp_path, "daemonise")
    found = processes(trace)
    assert said["daemon"] == said["service"]
    assert found[said["middle"]].parent_pid == said["main"]
    assert found[said["daemon"]].parent_pid == said["middle"]
    assert (found[said["daemon"]].name, found[said["daemon"]].role) == ("-c", "subprocess")
    assert len(trace.processes) == 3


def test_child_on_a_terminal_is_linked(tmp_path: Path) -> None:
    """pty.fork() and the program executed after it are one child."""
    trace, said = traced(tmp_path, "use_a_terminal")
    child = processes(trace)[said["terminal"]]
    assert (child.parent_pid, child.start_method) == (said["main"], "subprocess")
    assert [instant.name for instant in child.instants] == ["exec"]


def test_every_program_is_seen(tmp_path: Path) -> None:
    """Traced ones are processes, others spans with their status, and a Python that did not report is missing."""
    trace, said = traced(tmp_path, "start_programs")
    found = processes(trace)
    words = ("child", "prepared", "below", "isolated", "spawned", "old")
    assert {word: found[said[word]].parent_pid for word in words} == dict.fromkeys(words, said["main"])
    assert {word: found[said[word]].role for word in words} == dict.fromkeys(words, "subprocess")
    assert found[said["child"]].end.status == 4
    spans = lives(found[said["main"]])
    ended = [(span.name, span.args.get("status"), span.args.get("signal")) for span in spans.values()]
    assert ("sh exit 5", 5, None) in ended
    assert ("sh kill -9 $$", None, "SIGKILL") in ended
    assert len(ended) == 9
    assert [(missing.pid, missing.reason.partition(": ")[2]) for missing in trace.missing] == [
        (said["unsited"], "started with -S, and so without what turns tracing on"),
        (said["untold"], "its environment did not lead to this run (MPTRACE, MPTRACE_RUN)"),
    ]


def test_start_of_a_program_is_explained_by_phases(tmp_path: Path) -> None:
    """From Popen() to the pid, two phases of the thread that asked, one after the other."""
    trace, said = traced(tmp_path, "start_programs")
    parent, child = processes(trace)[said["main"]], processes(trace)[said["child"]]
    assert child.start
    phases = [phase for phase in parent.phases if child.start.begin_ns <= phase.begin_ns < (child.start.end_ns or 0)]
    assert [phase.name for phase in phases] == ["prepare", "exec"]
    assert (phases[0].begin_ns, phases[0].end_ns, phases[1].end_ns) == (
        child.start.begin_ns, phases[1].begin_ns, child.start.end_ns,
    )  # fmt: skip
    assert child.start.begin_ns <= child.begin_ns


def test_start_methods_follow_one_another(tmp_path: Path) -> None:
    """spawn, below it fork, below that os.fork(), below that a program: each is the child of the one before."""
    trace, said = traced(tmp_path, "start_below")
    found = processes(trace)
    chain = [found[said[f"depth{depth}"]] for depth in range(5)]
    assert [process.parent_pid for process in chain[1:]] == [process.pid for process in chain[:-1]]
    assert [process.start_method for process in chain] == ["root", "spawn", "fork", "fork", "subprocess"]
    assert [process.start is not None for process in chain] == [False, True, True, False, True]
    assert [process.fork is not None for process in chain] == [False, False, False, True, False]


def test_nothing_is_left_when_tracing_stops(tmp_path: Path) -> None:
    """mptrace.stop() puts everything back, and a second start() records as the first did."""
    program = PROGRAMS / "programs_stopped.py"
    outcome = run(program, traced=False, folder=tmp_path)
    assert (outcome.stdout.decode().split(), outcome.stderr) == (["1", "True", "1", "True"], b"")


@pytest.mark.parametrize("word", ["thread", "process"])
def test_two_threads_that_start_at_once_keep_their_own(tmp_path: Path, word: str) -> None:
    """The start of each child is on the thread that made it, whichever came first."""
    trace, said = traced(tmp_path, "start_at_once")
    found = processes(trace)
    main = found[said["main"]]
    for number in range(2):
        child = found[said[f"{word}{number}"]]
        assert child.parent_pid == main.pid
        assert child.start in main.starts
        assert child.start
        assert main.threads[child.start.tid] == f"starter{number}"
        names = {phase.name for phase in main.phases if phase.tid == child.start.tid and phase.side == "parent"}
        assert {"prepare", "exec"} <= names


def test_execution_is_where_the_new_interpreter_begins(tmp_path: Path) -> None:
    """Half a second of work before os.execv() is no part of the interpreter that comes after."""
    trace, said = traced(tmp_path, "execute")
    assert said["before"] == said["after"]
    (process,) = trace.processes
    (executed,) = process.instants
    interpreter = [phase for phase in process.phases if phase.name == "interpreter"][1]
    assert executed.name == "exec"
    assert interpreter.begin_ns == executed.at_ns
    assert interpreter.cpu_ns < 250 * MS


@pytest.mark.parametrize("command", ["{} -c 0; true", "sh -c '{} -c 0; true'; true"], ids=["shell", "shells"])
def test_python_that_a_shell_starts_is_linked(command: str, tmp_path: Path) -> None:
    """Of the shell of os.system() only the kernel knows; the Python that it starts belongs to who called."""
    code = f"import os, sys; print(os.system({command!r}.format(sys.executable)), os.system('exit 3') >> 8)"
    outcome = run(("-c", code), traced=True, folder=tmp_path, env={"MPTRACE_STRICT": "1"})
    assert (outcome.stdout, outcome.stderr) == (b"0 3\n", b"")
    assert outcome.run
    main, child = load([outcome.run]).processes
    assert (child.parent_pid, child.role, child.start_method) == (main.pid, "subprocess", "subprocess")
