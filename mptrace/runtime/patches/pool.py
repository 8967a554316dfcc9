"""multiprocessing.pool and concurrent.futures.process, in the parent: pools made, and workers replaced.

Runtime: loaded where pools are. Constructors are told by the attributes that they set first and last. Which workers
there are is told by the list, or the dict, that a pool keeps them in: one that joins after another has left takes its
place.
"""

from _thread import get_ident

from mptrace.runtime import journal
from mptrace.runtime.attributes import SetWatch
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.patches.process_start import callable_name
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

NAME = "pool"
POOL = "Pool"
EXECUTOR = "ProcessPoolExecutor"

_replacements: "list[Replacement]" = []
# When each thread began to make its executor.
_begun: "dict[int, int]" = {}
_thread_pool: "type[Any]" = type(None)


def install(module: "ModuleType") -> None:
    """Record the pools that are made of the class in *module*."""
    global _thread_pool
    if hasattr(module, POOL):
        _thread_pool = module.ThreadPool
        _watch(module.Pool, "_pool", _pool_begun)
        _watch(module.Pool, "_terminate", _pool_made)
    else:
        executor = module.ProcessPoolExecutor
        _watch(executor, "_max_workers", _executor_begun)
        _watch(executor, "_processes", _executor_keeps)
        _watch(executor, "_result_queue", _executor_made)


def uninstall() -> None:
    """Record no more."""
    while _replacements:
        _replacements.pop().restore()


class Pooled(list):  # type: ignore[type-arg]
    """The workers of a Pool, in the list that it keeps them in."""

    __slots__ = ("begin_ns", "left")
    begin_ns: "int"
    left: "list[tuple[int, int | None]]"

    def append(self, process: "Any") -> None:
        """Add *process*, which has been started."""
        super().append(process)
        _note_joined(POOL, self, process)

    def __delitem__(self, index: "Any") -> None:
        """Remove a worker that has ended."""
        _note_left(self, self[index])
        super().__delitem__(index)


class Executing(dict):  # type: ignore[type-arg]
    """The workers of a ProcessPoolExecutor, in the dict that it keeps them in."""

    __slots__ = ("begin_ns", "left")
    begin_ns: "int"
    left: "list[tuple[int, int | None]]"

    def __setitem__(self, pid: int, process: "Any") -> None:
        """Add *process*, which has been started."""
        super().__setitem__(pid, process)
        _note_joined(EXECUTOR, self, process)

    def pop(self, pid: int, *default: "Any") -> "Any":
        """Remove a worker that ends."""
        process = super().pop(pid, *default)
        _note_left(self, process)
        return process


def _watch(owner: "type[Any]", name: str, call: "Callable[[Any], None]") -> None:
    _replacements.append(Replacement(owner, name, SetWatch(name, guarded(NAME, call))))


def _pool_begun(pool: "Any") -> None:
    if type(pool._pool) is list and not pool._pool and not isinstance(pool, _thread_pool):
        _keep(pool, "_pool", Pooled(), now_ns())


def _pool_made(pool: "Any") -> None:
    if type(pool._pool) is Pooled:
        shape = pool._processes, pool._ctx, pool._initializer, pool._maxtasksperchild
        _write_made(POOL, pool._pool.begin_ns, *shape)


def _executor_begun(_: "Any") -> None:
    _begun[get_ident()] = now_ns()


def _executor_keeps(executor: "Any") -> None:
    # shutdown() sets None.
    if type(executor._processes) is dict and not executor._processes:
        _keep(executor, "_processes", Executing(), _begun.pop(get_ident(), 0) or now_ns())


def _executor_made(executor: "Any") -> None:
    if executor._result_queue is not None and type(executor._processes) is Executing:
        shape = executor._max_workers, executor._mp_context, executor._initializer, executor._max_tasks_per_child
        _write_made(EXECUTOR, executor._processes.begin_ns, *shape)


def _keep(pool: "Any", name: str, workers: "Any", begin_ns: int) -> None:
    """Let *pool* keep its workers in a container of ours."""
    workers.begin_ns, workers.left = begin_ns, []
    vars(pool)[name] = workers


def _write_made(kind: str, begin_ns: int, workers: int, context: "Any", initializer: "Any", max_tasks: "Any") -> None:
    args = {
        "kind": kind,
        "workers": workers,
        "start_method": journal.text(getattr(context, "_name", "")),
        "initializer": None if initializer is None else callable_name(initializer),
        "max_tasks": max_tasks,
    }
    journal.span(begin_ns, NAME, f"create {kind}", args)


def _left(workers: "Any", process: "Any") -> None:
    """Note that *process* is no longer among *workers*, and how it ended if that is known yet."""
    popen = getattr(process, "_popen", None)
    if popen is not None:
        workers.left.append((popen.pid, popen.returncode))


def _joined(kind: str, workers: "Any", process: "Any") -> None:
    """Record that *process* takes the place of a worker that has left, if one has."""
    if not workers.left:
        return
    pid, returncode = workers.left.pop(0)
    args = {"kind": kind, "pid": process._popen.pid, "ended_pid": pid, "returncode": returncode}
    journal.instant(NAME, "replace worker", args)


_note_joined = guarded(NAME, _joined)
_note_left = guarded(NAME, _left)
