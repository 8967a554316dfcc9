"""Who started whom, and where."""

import io
import json
from typing import Any

from mptrace.trace import chrome
from mptrace.trace.arrows import arrows
from mptrace.trace.model import Trace
from tests.trace.traces import MS, child_of, phase, process, span, start, trace_of


def drawn(trace: Trace) -> list[dict[str, Any]]:
    """Return the spans as they are exported."""
    stream = io.StringIO()
    chrome.write(trace, stream)
    return [event for event in json.loads(stream.getvalue())["traceEvents"] if event["ph"] == "X"]


def with_server() -> Trace:
    """Return a process that starts a tracker, with what the runtime says of it, and a forkserver that is lost."""
    spans = [span("start resource_tracker", 1, 5, "startup", fd=7), span("start forkserver", 6, 8, "startup")]
    tracker = process(
        7, begin_ns=2 * MS, parent_pid=1, role="resource-tracker", start_method="subprocess", spans=[span("s", 3, 9)]
    )
    return trace_of([process(1, spans=spans), tracker])


def test_start_of_a_server_says_what_it_made() -> None:
    """As the starts of other processes do; one whose child is not known does not."""
    found = {event["name"]: event["args"] for event in drawn(with_server()) if event["pid"] == 1}
    assert found == {
        "start resource_tracker": {"fd": 7, "child_pid": 7, "start_method": "subprocess"},
        "start forkserver": {},
    }


def test_each_child_has_one_cause() -> None:
    """The call of start() before the fork in its course."""
    call, fork = start("P", 10, 20, child_pid=5), phase("fork", 11, 12, "parent")
    parent = process(1, starts=[call], phases=[fork])
    children = [child_of(parent, call, 5, fork=fork), process(6, parent_pid=1, fork=fork), process(8)]
    found = arrows(trace_of([parent, *children]))
    assert found.causes == {5: call, 6: fork}
    assert found.child_pids == {(1, call): 5}
    assert found.servers == {}


def test_start_in_a_process_that_is_not_there_is_no_cause() -> None:
    """Its arrow would come from nowhere."""
    call = start("P", 10, 20, child_pid=5)
    assert arrows(trace_of([child_of(process(1), call, 5)])).causes == {}


def test_server_that_began_late_is_the_first_of_its_kind() -> None:
    """On a busy machine it begins after the span in which it was started; one that takes its place has no span."""
    starting = span("start resource_tracker", 1, 5, "startup")
    first, second = (
        process(pid, begin_ns=pid * MS, parent_pid=1, role="resource-tracker", start_method="subprocess")
        for pid in (7, 8)
    )
    found = arrows(trace_of([process(1, spans=[starting]), first, second]))
    assert found.causes == {7: starting}


def test_server_belongs_to_the_module_that_its_command_line_names() -> None:
    """Loky has a tracker of its own, which may begin after the other was launched."""
    spans = [
        span("start resource_tracker", begin_ms, begin_ms + 1, "startup", module=f"{package}.resource_tracker")
        for begin_ms, package in ((1, "loky.backend"), (2, "multiprocessing"))
    ]
    trackers = [
        process(
            pid,
            begin_ns=5 * MS,
            parent_pid=1,
            role="resource-tracker",
            argv=["python", "-c", f"from {package}.resource_tracker import main; main(3)"],
        )
        for pid, package in ((7, "multiprocessing"), (8, "loky.backend"))
    ]
    assert arrows(trace_of([process(1, spans=spans), *trackers])).causes == {7: spans[1], 8: spans[0]}
