"""Functions that MPTRACE_SPANS named and that never became spans.

Offline. What was asked for is in run.json; each process says what became of a name when its module had been imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mptrace.trace.model import Trace

PREFIX = "span "
PATCH = "spans"


@dataclass(frozen=True, slots=True)
class UnmetName:
    """A name that came to nothing, and why."""

    name: str
    reason: str


def unmet(trace: Trace) -> list[UnmetName]:
    """Return the names that no process found, in the order in which they were given."""
    asked = trace.run.get("spans")
    if not isinstance(asked, list):
        return []
    found = _found(trace)
    failures = [failure.error for process in trace.processes for failure in process.failures if failure.what == PATCH]
    return [
        UnmetName(str(name), found.get(str(name)) or next(iter(failures), "") or _never_imported(str(name)))
        for name in asked
        if found.get(str(name)) != ""
    ]


def _found(trace: Trace) -> Mapping[str, str]:
    """Return what became of each name: nothing to be said, or why not. One process that found it is enough."""
    found: dict[str, str] = {}
    for process in trace.processes:
        for instant in process.instants:
            if instant.category == "tracer" and instant.name.startswith(PREFIX):
                name = instant.name.removeprefix(PREFIX)
                error = str(instant.args.get("error", ""))
                found[name] = error if found.get(name, error) else ""
    return found


def _never_imported(name: str) -> str:
    module, colon, function = name.partition(":")
    if not (module and colon and function):
        return "it is not module:function"
    return f"no process imported {module}"
