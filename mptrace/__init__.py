"""Where the time goes between Process.start() and the first line of the child's target.

Shared: every traced process loads this file, so it imports nothing. A name of the API is found where it lives on first
use, and is a plain attribute from then on.
"""

TYPE_CHECKING = False  # type checkers read it as True: they see the imports below, and Python does not run them
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any

    from mptrace.decorators import traced
    from mptrace.runtime.spans import counter, instant, is_enabled, ready, span
    from mptrace.runtime.switch import start, stop
    from mptrace.trace.model import Trace

__all__ = [
    "Trace", "counter", "instant", "is_enabled", "load", "merge", "ready", "span", "start", "stop", "traced",
]  # fmt: skip

_HOMES = {
    "Trace": "mptrace.trace.model",
    "counter": "mptrace.runtime.spans",
    "instant": "mptrace.runtime.spans",
    "is_enabled": "mptrace.runtime.spans",
    "ready": "mptrace.runtime.spans",
    "span": "mptrace.runtime.spans",
    "start": "mptrace.runtime.switch",
    "stop": "mptrace.runtime.switch",
    "traced": "mptrace.decorators",
}


def load(run: "str | PathLike[str]") -> "Trace":
    """Return what was recorded in the folder of a run, all processes together.

    >>> import mptrace
    >>> run = mptrace.start("runs")
    >>> with mptrace.span("work"):
    ...     answer = sum(range(1000))
    >>> mptrace.stop()
    >>> trace = mptrace.load(run)
    >>> [span.name for span in trace.processes[0].spans if span.category == "user"]
    ['work']

    Raises MptraceError when there is no run.
    """
    from pathlib import Path

    from mptrace.trace.merge import load as load_runs

    return load_runs([Path(run)])


def merge(run: "str | PathLike[str]", path: "str | PathLike[str]") -> None:
    """Write the trace of a run to *path*, as Chrome trace JSON for ui.perfetto.dev; compressed if it ends in ``.gz``.

    >>> import mptrace
    >>> run = mptrace.start("runs")
    >>> mptrace.stop()
    >>> mptrace.merge(run, "trace.json")

    Raises MptraceError when there is no run, or the file cannot be written.
    """
    from pathlib import Path

    from mptrace.trace import chrome

    chrome.export(load(run), Path(path))


if not TYPE_CHECKING:  # it would make every name right for a type checker

    def __getattr__(name: str) -> "Any":
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(__import__(_HOMES[name], None, None, (name,)), name)
        globals()[name] = value
        return value


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
