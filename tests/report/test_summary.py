"""What the report says about a trace."""

from dataclasses import replace
from typing import Any

import pytest

from mptrace.analysis.findings.model import Finding
from mptrace.report.found import line
from mptrace.report.summary import ModuleLine, summarize
from mptrace.trace.model import End, Failure, Missing, Process, Span, Stacks, ThreadStack, Trace
from tests.report.examples import MS, example, process, worker


def troubles(*processes: Process, **changes: Any) -> list[str]:
    """Return what a report says went wrong in a trace of these processes."""
    changes = {"missing": [], "warnings": [], **changes}
    return list(summarize(replace(example(), processes=processes, **changes)).troubles)


def test_start_ups_are_summarized() -> None:
    """The groups of children, and the slowest of them all."""
    summary = summarize(example())
    assert [(group.role, group.count) for group in summary.groups] == [("process", 2)]
    assert summary.slowest
    assert summary.slowest.name == "Process-12"


def test_without_children_there_is_no_slowest() -> None:
    """A program that starts nothing has only its own imports to show."""
    summary = summarize(replace(example(), processes=[example().processes[0]]))
    assert summary.slowest is None
    assert summary.modules == [ModuleLine("json", 1, 5.0, 5.0)]


def test_modules_are_summed_over_processes() -> None:
    """The most expensive module comes first, without what it imported in turn."""
    assert summarize(example()).modules == [
        ModuleLine("pandas", 2, 400.0, 440.0),
        ModuleLine("pandas.core", 2, 40.0, 40.0),
        ModuleLine("json", 1, 5.0, 5.0),
    ]


def test_facts_name_the_run() -> None:
    """What was run, where, and for how long; what run.json does not say is left out."""
    summary = summarize(example())
    assert summary.program == "python3 app.py"
    assert summary.facts == ["run 20260102T030405Z-10, host vm, Python 3.13.0", "3 processes on 2 CPUs in 2,000 ms"]
    assert summarize(replace(example(), run={})).facts == ["3 processes in 2,000 ms"]


def test_facts_name_each_of_several_runs() -> None:
    """With what was run there; where their CPUs differ, none are said."""
    other = {"id": "other", "host": "beta", "python": "3.14.0", "argv": ["/usr/bin/python3", "b.py"], "cpus": 2}
    facts = summarize(replace(example(), other_runs=[other, {}])).facts
    assert facts == [
        "run 20260102T030405Z-10, host vm, Python 3.13.0",
        "run other, host beta, Python 3.14.0: python3 b.py",
        "another run: ?",
        "3 processes in 2,000 ms",
    ]
    assert summarize(replace(example(), other_runs=[other])).facts[-1] == "3 processes on 2 CPUs in 2,000 ms"


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({}, "2 CPUs"),
        ({"affinity": 2, "cpu_quota": None}, "2 CPUs"),
        ({"affinity": 1}, "2 CPUs (bound to 1)"),
        ({"cpu_quota": {"quota_us": 150_000, "period_us": 100_000, "cgroup": "/"}}, "2 CPUs (quota 1.5)"),
        ({"affinity": 1, "cpu_quota": {"quota_us": 1, "period_us": 3}}, "2 CPUs (bound to 1, quota 0.333)"),
        ({"affinity": "x", "cpu_quota": "y"}, "2 CPUs"),
    ],
)  # fmt: skip
def test_facts_say_how_many_cpus_may_be_used(limits: dict[str, Any], said: str) -> None:
    """Affinity and quota are said where they leave the run less than the machine has."""
    trace = example()
    assert f" on {said} in " in summarize(replace(trace, run={**trace.run, **limits})).facts[1]


def test_nothing_missing_is_nothing_said() -> None:
    """A run in which all went well has no troubles, although a pool ended its workers."""
    assert troubles(process(10, "MainProcess"), worker(11, 0, 10, end=End("signaled", None, 15, MS))) == []


def test_ends_are_said() -> None:
    """How a process ended badly, and whether that was before it was ready."""
    assert troubles(
        worker(1, 0, 10, end=End("signaled", None, 9, MS)),
        worker(2, 0, 10, end=End("signaled", None, 15, MS), ready_ns=None),
        worker(3, 0, 10, end=End("exited", 3, None, MS), ready_ns=None),
        worker(4, 0, 10, ready_ns=None),
        worker(5, 0, 10, end=End("signaled", None, 99, MS)),
    ) == [
        "Process-1 (pid 1): killed by SIGKILL",
        "Process-2 (pid 2): killed by SIGTERM before ready",
        "Process-3 (pid 3): ended with exit status 3 before ready",
        "Process-4 (pid 4): never became ready",
        "Process-5 (pid 5): killed by signal 99",
    ]


@pytest.mark.parametrize("function", ["__mp_main__:load", "load"])
def test_initializer_that_was_the_end_of_a_worker_is_said(function: str) -> None:
    """An executor's worker whose initializer fails ends with exit status 0, and leaves a broken pool."""
    spans = [Span("pool", "initializer", 1, 5 * MS, None, {"function": function})]
    late = {"ready_ns": None, "role": "executor-worker", "spans": spans}
    assert troubles(worker(1, 0, 10, **late), worker(2, 0, 10, end=End("signaled", None, 9, MS), **late)) == [
        "Process-1 (pid 1): never became ready, in its initializer load",
        "Process-2 (pid 2): killed by SIGKILL before ready, in its initializer load",
    ]


def test_programs_need_not_be_ready() -> None:
    """Only children of multiprocessing say so; how a program ended is said all the same."""
    program = {"role": "subprocess", "start_method": "subprocess", "ready_ns": None}
    failed = worker(2, 0, 10, end=End("exited", 3, None, MS), **program)
    assert troubles(worker(1, 0, 10, **program), failed) == ["Process-2 (pid 2): ended with exit status 3"]


def test_what_befell_many_is_said_once() -> None:
    """Three are named, the others counted."""
    killed = [worker(pid, 0, 10, end=End("signaled", None, 9, MS)) for pid in range(1, 7)]
    assert troubles(*killed) == [
        "Process-1 (pid 1), Process-2 (pid 2), Process-3 (pid 3), and 3 more: killed by SIGKILL"
    ]


def test_stuck_processes_are_said_once_for_each_place() -> None:
    """In which lock, held by whom, and in which line; the line alone where nobody knows more."""
    held = {"lock": "a lock", "holder": 7, "holder_name": "Loader", "where": "app.py:3"}
    frames = [Stacks("", MS, 2 * MS, [ThreadStack(1, "MainThread", ["io.py:1 flush", "app.py:7 work"])])]
    unknown = End("unknown", None, None, None)
    hung = [
        process(pid, "P", stacks=frames, end=unknown, spans=[Span("lock", "a lock", 1, MS, None, held)])
        for pid in (1, 2)
    ]
    assert troubles(*hung, process(3, "Q", stacks=frames, end=unknown)) == [
        "P (pid 1), P (pid 2): stuck waiting for a lock held by Loader (7) at app.py:3 in io.py:1 flush",
        "Q (pid 3): stuck in io.py:1 flush",
    ]


def test_missing_failures_and_warnings_are_said() -> None:
    """A child that never reported, a patch that was switched off, and files that could not be read."""
    broken = process(10, "MainProcess", failures=[Failure("imports", "ValueError: odd", MS)])
    assert troubles(
        broken, missing=[Missing(13, "its environment had no MPTRACE")], warnings=["x.journal: is empty"]
    ) == [
        "never reported: pid 13, its environment had no MPTRACE",
        "MainProcess (pid 10): imports was recorded only in part: ValueError: odd",
        "x.journal: is empty",
    ]


def test_many_warnings_are_cut() -> None:
    """Ten are shown, the others counted."""
    said = troubles(process(10, "MainProcess"), warnings=[f"{n}.journal: is empty" for n in range(12)])
    assert said[-2:] == ["9.journal: is empty", "and 2 more"]


def test_overhead_is_said() -> None:
    """Our own cost: records, boot, and all of it."""
    assert summarize(example()).overhead == "30 records, 2.0 ms to begin in each process, 7.0 ms in all"


def test_empty_trace_can_be_summarized() -> None:
    """A run in which nobody reported."""
    summary = summarize(Trace(run={}, origin_ns=0, processes=[], missing=[], warnings=[]))
    assert (summary.program, summary.groups, summary.modules) == ("?", [], [])


def test_long_names_are_cut() -> None:
    """Those of processes and locks, and what findings quote: a program may make up thousands of letters."""
    long = "n" * 5000
    slow = replace(example().processes[2], name=long, end=End("signaled", None, 9, 700 * MS))
    trace = replace(example(), processes=[*example().processes[:2], slow], missing=[Missing(13, f"{long}: lost")])
    summary = summarize(trace)
    assert summary.slowest
    cut = "n" * 57 + "..."
    assert summary.slowest.name == cut
    assert summary.troubles[:2] == [f"never reported: pid 13, {cut} lost", f"{cut} (pid 12): killed by SIGKILL"]


def test_finding_that_quotes_a_long_name_can_be_read() -> None:
    """A path of two lines is left as it is."""
    path = "/" + "p" * 159
    found = Finding("r", f"{'n' * 5000} is slow", "note", 0, [], [], [f"at {path}", "x" * 161], "")
    said = line(found)
    assert said.title == f"{'n' * 57}... is slow"
    assert said.evidence == [f"at {path}", f"{'x' * 57}..."]
