"""Names in MPTRACE_SPANS that came to nothing."""

from dataclasses import replace

from mptrace.analysis.named_spans import UnmetName, unmet
from mptrace.trace.model import Failure, Instant, Process
from tests.trace.traces import process, trace_of


def told(pid: int, name: str, **args: str) -> Process:
    """Return a process that says what became of a name."""
    return process(pid, instants=[Instant("tracer", f"span {name}", 1, 0, args)])


def test_name_that_one_process_found_was_met() -> None:
    """Another one may have had another version of the module."""
    processes = [
        told(1, "app:run", error="no"),
        told(2, "app:run"),
        told(3, "app:run", error="no"),
        told(4, "b:c", error="no"),
    ]
    trace = replace(trace_of(processes), run={"spans": ["app:run", "b:c", "d:e"]})
    assert unmet(trace) == [UnmetName("b:c", "no"), UnmetName("d:e", "no process imported d")]


def test_failure_is_the_reason_for_all() -> None:
    """Where wrapt is not installed, no function becomes a span."""
    known = process(1, failures=[Failure("spans", "ModuleNotFoundError: No module named 'wrapt'", 0)])
    trace = replace(trace_of([known]), run={"spans": ["app:run"]})
    assert unmet(trace) == [UnmetName("app:run", "ModuleNotFoundError: No module named 'wrapt'")]


def test_run_that_asked_for_nothing_misses_nothing() -> None:
    """A run of an older mptrace does not say what was asked for."""
    assert unmet(trace_of([process(1)])) == []
    assert unmet(replace(trace_of([process(1)]), run={"spans": "app:run"})) == []
