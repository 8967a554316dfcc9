"""Programs that a process starts: what is seen of those that are not traced, and which of them are missing."""

import pytest

from mptrace.trace.arrows import arrows
from mptrace.trace.merge import load
from mptrace.trace.model import Missing, Process, Span
from tests.journals import MS, UNKNOWN, RunFolder
from tests.trace.traces import by_pid

PYTHON = "/usr/bin/python"  # what the journals say is the parent's


def lives(process: Process) -> list[Span]:
    """Return the spans of the programs that a process started."""
    return [span for span in process.spans if span.category == "subprocess"]


def test_program_has_a_track_of_its_own(run: RunFolder) -> None:
    """Programs that run side by side are two tracks, each from its start until its end was learned."""
    main = run.process(100)
    main.program(["/bin/sleep", "2"], 10, 12, child_pid=101).program(["/bin/sleep", "1"], 13, 15, child_pid=102)
    main.child_ended(40, 102, 0).child_ended(60, 101, -9)
    process = load([run.write()]).processes[0]
    assert [(span.name, span.tid, span.begin_ns, span.end_ns) for span in lives(process)] == [
        ("sleep 2", 101, 10 * MS, 60 * MS),
        ("sleep 1", 102, 13 * MS, 40 * MS),
    ]
    assert [dict(span.args) for span in lives(process)] == [
        {"child_pid": 101, "argv": ("/bin/sleep", "2"), "signal": "SIGKILL"},
        {"child_pid": 102, "argv": ("/bin/sleep", "1"), "status": 0},
    ]
    assert {process.threads[101], process.threads[102]} == {"sleep 2", "sleep 1"}
    assert process.last_ns == 60 * MS


def test_start_of_a_program_consists_of_phases(run: RunFolder) -> None:
    """What Popen did before it called the kernel is apart from what the kernel took."""
    run.process(100).program(["ls"], 10, 15, child_pid=101, executed=12)
    process = load([run.write()]).processes[0]
    assert [(start.process_name, start.start_method, start.child_pid) for start in process.starts] == [
        ("ls", "subprocess", 101)
    ]
    assert [(phase.name, phase.side, phase.begin_ns, phase.end_ns) for phase in process.phases] == [
        ("prepare", "parent", 10 * MS, 12 * MS),
        ("exec", "parent", 12 * MS, 15 * MS),
    ]


def test_pid_that_has_become_a_threads_is_no_track(run: RunFolder) -> None:
    """The program's track has another number where a thread has come to have its pid."""
    run.process(100).program(["ls"], 10, 12, child_pid=101).child_ended(20, 101, 0).thread(101, "Worker")
    process = load([run.write()]).processes[0]
    assert lives(process)[0].tid == 10_000_101
    assert process.threads[101] == "Worker"


def test_one_pid_of_two_programs_has_two_spans(run: RunFolder) -> None:
    """Each learned end belongs to the program that had the pid then."""
    main = run.process(100).program(["a"], 10, 12, child_pid=101).child_ended(20, 101, 1)
    main.program(["b"], 30, 32, child_pid=101).child_ended(40, 101, 2)
    assert [(span.name, span.args["status"]) for span in lives(load([run.write()]).processes[0])] == [
        ("a", 1),
        ("b", 2),
    ]


def test_program_whose_end_nobody_learned_is_unfinished(run: RunFolder) -> None:
    """There is no saying how long it ran."""
    run.process(100).program(["ls"], 10, 12, child_pid=101)
    (span,) = lives(load([run.write()]).processes[0])
    assert (span.end_ns, dict(span.args)) == (None, {"child_pid": 101, "argv": ("ls",)})


def test_program_that_could_not_be_executed_has_failed(run: RunFolder) -> None:
    """The status is the fork's, whose execution failed; the program never was."""
    main = run.process(100).program(["python9"], 10, 12, child_pid=101)
    main.child_ended(13, 101, 255).instant("exec failed", 13, category="subprocess", child_pid=101)
    trace = load([run.write()])
    assert dict(lives(trace.processes[0])[0].args) == {"child_pid": 101, "argv": ("python9",), "failed": True}
    assert list(trace.missing) == [Missing(101, "python9: could not be executed")]


def test_traced_python_is_the_child_of_its_start(run: RunFolder) -> None:
    """A Python that reports is a process, linked to the call that made it, and called what it runs."""
    run.process(100).program([PYTHON, "worker.py"], 10, 12, child_pid=101).child_ended(60, 101, 3)
    run.process(101, ppid=100, begin=11, argv=(PYTHON, "worker.py")).phase("interpreter", 11, 20)
    trace = load([run.write()])
    child = by_pid(trace)[101]
    assert child.start
    assert child.start.begin_ns == 10 * MS
    assert (child.name, child.role, child.start_method, child.parent_pid, child.end.status) == (
        "worker.py", "subprocess", "subprocess", 100, 3,
    )  # fmt: skip
    assert [phase.name for phase in child.phases] == ["interpreter"]
    assert list(trace.missing) == []


def test_interpreter_that_a_shell_executed_is_not_told(run: RunFolder) -> None:
    """The shell's time is not the interpreter's, and where one became the other is not known."""
    run.process(100).program(["/bin/sh", "-c", "exec python worker.py"], 10, 12, child_pid=101)
    child = run.process(101, ppid=100, begin=11, booted=90, argv=("python", "worker.py"))
    child.phase("interpreter", 11, 90).phase("site", 90, 95)
    process = by_pid(load([run.write()]))[101]
    assert [phase.name for phase in process.phases] == ["site"]


def test_fork_with_a_preexec_function_is_its_program(run: RunFolder) -> None:
    """Between the fork and the program only the function ran, in a copy of the parent."""
    run.process(100).program(["/bin/ls", "/tmp"], 10, 12, child_pid=101).child_ended(30, 101, 0)
    run.process(101, ppid=100, begin=11, origin="fork", forked=10)
    process = by_pid(load([run.write()]))[101]
    assert (process.name, process.role, list(process.argv)) == ("ls tmp", "subprocess", ["/bin/ls", "/tmp"])


def test_child_of_an_untraced_program_belongs_to_who_started_that(run: RunFolder) -> None:
    """Between two traced processes there may be a shell, as long as it lived."""
    main = run.process(100).program(["/bin/sh", "run.sh"], 10, 12, child_pid=101).child_ended(50, 101, 0)
    main.program(["/bin/sh", "later.sh"], 400, 402, child_pid=101)
    run.process(102, ppid=101, begin=20)
    run.process(103, ppid=101, begin=300)
    run.process(104, ppid=101, begin=410)
    run.process(106, ppid=105, begin=420, used={**UNKNOWN, "ancestors": [101, 100]})
    trace = load([run.write()])
    processes = by_pid(trace)
    assert [processes[pid].parent_pid for pid in (102, 103, 104, 106)] == [100, None, 100, 100]
    first, later = processes[100].starts
    assert arrows(trace).causes == {102: first, 104: later, 106: later}


def test_end_of_a_program_is_not_that_of_who_had_its_pid_before(run: RunFolder) -> None:
    """A traced process of the same pid, long gone, did not end so."""
    main = run.process(100).starts("P", 10, 12, child_pid=101)
    run.process(101, ppid=100, begin=11).torn()
    main.program(["ls"], 500, 502, child_pid=101).child_ended(510, 101, 9)
    trace = load([run.write()])
    assert by_pid(trace)[101].end.how == "unknown"
    assert lives(trace.processes[0])[0].args["status"] == 9


@pytest.mark.parametrize(
    ("argv", "is_told", "returncode", "reason"),
    [
        (["ls"], False, 0, None),
        ([PYTHON, "--version"], True, 0, None),
        ([PYTHON, "-ISc", "pass"], True, 0, "started with -S, and so without what turns tracing on"),
        ([PYTHON, "app.py", "-S"], False, 0, "its environment did not lead to this run (MPTRACE, MPTRACE_RUN)"),
        (["python2", "app.py"], True, 1, "mptrace may not be installed for python2"),
        (["python2", "app.py"], True, -9, "killed by SIGKILL before its interpreter had started"),
        ([PYTHON, "app.py"], True, 1, "ended with status 1 and was not traced"),
        ([PYTHON, "app.py"], True, None, "not a traced interpreter, or unable to write to the folder of the run"),
    ],
)
def test_python_that_does_not_report_is_missing(
    run: RunFolder, argv: list[str], is_told: bool, returncode: int | None, reason: str | None
) -> None:
    """Of programs only a Python is expected to report; the reason why it did not is the first that is known."""
    main = run.process(100).program(argv, 10, 12, child_pid=101, is_told=is_told)
    if returncode is not None:
        main.child_ended(50, 101, returncode)
    missing = load([run.write()]).missing
    assert [child.reason.partition(": ")[2] for child in missing] == ([reason] if reason else [])
