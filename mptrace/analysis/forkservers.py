"""What forkservers preloaded, what came of it, and how many children they made.

Offline. The list of modules to preload stands in the server's command line, which is parsed and never executed. What
became of each of them the server has recorded itself.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mptrace.trace.model import Import, Process, Start, Trace

COMMAND = "from multiprocessing.forkserver import main"
MAIN = "__main__"


@dataclass(frozen=True, slots=True)
class Preload:
    """One module on the list.

    ``wall_ns`` is None where nothing shows that it was preloaded, ``error`` where nothing shows that it was not.
    ``file`` and ``line`` are where it failed: empty, and 0, where that is not known.
    """

    module: str
    wall_ns: int | None
    error: str | None
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Forkserver:
    """One server: ``served`` is how often it forked."""

    process: Process
    preloads: Sequence[Preload]
    served: int


def forkservers(trace: Trace) -> list[Forkserver]:
    """Return the forkservers of *trace*, in the order in which they began."""
    return [
        Forkserver(
            process,
            [_preload(process, module) for module in preload_list(process.argv)],
            sum(phase.name == "fork" for phase in process.phases),
        )
        for process in trace.processes
        if process.role == "forkserver"
    ]


def preload_list(argv: Sequence[str]) -> list[str]:
    """Return the modules that the forkserver with this command line is to preload."""
    command = next((argument for argument in argv if COMMAND in argument), "")
    try:
        statements = ast.parse(command).body
        call = statements[-1].value if statements and isinstance(statements[-1], ast.Expr) else None
        modules = ast.literal_eval(call.args[2]) if isinstance(call, ast.Call) and len(call.args) > 2 else []
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []  # cut short, or none of multiprocessing's
    return [module for module in modules if isinstance(module, str)] if isinstance(modules, list) else []


def starts_in_preload(server: Process) -> list[Start]:
    """Return the calls of Process.start() in a forkserver: what it preloads made them, for itself it only forks."""
    return [start for start in server.starts if start.start_method != "subprocess"]


def _preload(server: Process, module: str) -> Preload:
    """Return what became of *module* in the server."""
    if module == MAIN:
        span = next((span for span in server.spans if span.name == "preload __main__"), None)
        wall_ns = span.end_ns - span.begin_ns if span and span.end_ns is not None else None
        return _told(module, wall_ns, span.args if span else {})
    attempt = next((attempt for attempt in server.imports if attempt.module == module), None)
    failed = [instant.args for instant in server.instants if instant.name == "import failed"]
    failure = next((args for args in failed if args.get("module") == module), {})
    if not failure and attempt and attempt.is_failed:
        failure = {"error": "it failed"}
    return _told(module, _wall_ns(attempt), failure)


def _told(module: str, wall_ns: int | None, failure: Mapping[str, Any]) -> Preload:
    error, file, line = (failure.get(name) for name in ("error", "file", "line"))
    place = (file, line) if isinstance(file, str) and isinstance(line, int) else ("", 0)
    return Preload(module, wall_ns, None if error is None else str(error), *place)


def _wall_ns(attempt: Import | None) -> int | None:
    return None if attempt is None or attempt.end_ns is None else attempt.end_ns - attempt.begin_ns
