"""A process that executes another program in its own place."""

import pytest

from mptrace.trace.merge import load
from mptrace.trace.model import Process
from tests.journals import MS, Journal, RunFolder
from tests.trace.traces import by_pid

TOOL = ("python", "-m", "tool")


def interpreters(process: Process) -> list[tuple[float, float, float]]:
    """Return begin, end and CPU time of each interpreter of a process, in milliseconds."""
    return [
        (phase.begin_ns / MS, phase.end_ns / MS, phase.cpu_ns / MS)
        for phase in process.phases
        if phase.name == "interpreter"
    ]


def executed(run: RunFolder, argv: tuple[str, ...] = TOOL) -> Journal:
    """Return the journal of a program that a process executed at 1000 ms, having used 900 ms of CPU time."""
    run.process(100).phase("interpreter", 0, 5).executes(argv, 1000, cpu=900)
    # It believes that it began when the process did.
    return run.process(100, begin=90, booted=1012, born=0, argv=TOOL).phase("interpreter", 90, 1012, cpu=910)


def test_interpreter_begins_where_it_was_executed(run: RunFolder) -> None:
    """The time and the CPU time of the program before are not the new interpreter's."""
    executed(run)
    (process,) = load([run.write()]).processes
    assert interpreters(process) == [(0, 5, 0), (1000, 1012, 10)]


def test_interpreter_after_another_program_is_not_told(run: RunFolder) -> None:
    """Where a shell was executed first, nobody knows when that executed the interpreter."""
    executed(run, ("sh", "-c", "exec python -m tool"))
    (process,) = load([run.write()]).processes
    assert interpreters(process) == [(0, 5, 0)]


def test_each_trial_is_an_instant(run: RunFolder) -> None:
    """An execution that failed is shown as one, a search along PATH once, and the last as what was executed."""
    main = run.process(100).executes(("nowhere",), 10).span("went on", 11, 12)
    for folder in ("/usr/local/bin", "/usr/bin"):
        main.executes(("tool",), 20, program=f"{folder}/tool")
    instants = load([run.write()]).processes[0].instants
    assert [(instant.name, instant.at_ns, instant.args["program"]) for instant in instants] == [
        ("exec failed", 10 * MS, "nowhere"),
        ("exec", 20 * MS, "/usr/bin/tool"),
    ]


def test_process_is_called_what_it_became(run: RunFolder) -> None:
    """A program that is not traced has only been seen to be executed; that is the last sign of life."""
    run.process(100).child_ended(70, 101, 3)
    run.process(101, ppid=100, begin=10, origin="fork", forked=10).executes(("/bin/ls", "/tmp"), 20)
    process = by_pid(load([run.write()]))[101]
    assert (process.name, process.role, process.start_method) == ("ls tmp", "subprocess", "subprocess")
    assert (list(process.argv), process.last_ns, process.end.status) == (["/bin/ls", "/tmp"], 20 * MS, 3)


@pytest.mark.parametrize("after", ["span", "instant", "end"])
def test_process_that_goes_on_has_executed_nothing(run: RunFolder, after: str) -> None:
    """Whatever the thread, or the end of the process, says later shows that the execution failed."""
    run.process(100)
    child = run.process(101, ppid=100, begin=10, origin="fork", forked=10).executes(("nowhere",), 20)
    {
        "span": lambda: child.span("s", 12, 21),
        "instant": lambda: child.instant("i", 21),
        "end": lambda: child.ends(21, 127),
    }[after]()
    process = by_pid(load([run.write()]))[101]
    assert (process.name, process.role, process.start_method) == ("app.py", "process", "fork")


def test_other_threads_do_not_keep_a_program_alive(run: RunFolder) -> None:
    """A thread that recorded something while another executed the new program has not seen it fail."""
    run.process(100)
    child = run.process(101, ppid=100, begin=10, origin="fork", forked=10)
    child.executes(("ls",), 20).span("elsewhere", 15, 21, tid=102)
    assert by_pid(load([run.write()]))[101].name == "ls"


def test_program_that_believes_to_be_older_than_its_fork_is_the_same_process(run: RunFolder) -> None:
    """The kernel counts from the fork, which is before the fork's own first record."""
    run.process(100)
    run.process(101, ppid=100, begin=10.3, origin="fork", forked=9).executes(TOOL, 11, cpu=1)
    run.process(101, ppid=100, begin=10, booted=25, born=10.3, argv=TOOL).phase("interpreter", 10, 25, cpu=12)
    trace = load([run.write()])
    assert [process.pid for process in trace.processes] == [100, 101]
    assert interpreters(trace.processes[1]) == [(11, 25, 11)]
