"""multiprocessing.managers: the start of a server, and the calls through its proxies.

Runtime: loaded where managers are. start() and _callmethod() have the host's pickling on top of them and are left
alone. A start is told by the attributes that it sets before and after; a call by what its connection reads of itself:
whether it is writable before it asks, whether it is readable before it waits, and its descriptor again when the
answer's head has come. Only a proxy's own connection, which it keeps from its first call on, is watched.
"""

import sys
from _thread import get_ident

from mptrace.records import COUNTER
from mptrace.runtime import journal, lifecycle
from mptrace.runtime.attributes import GetWatch, SetWatch
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import write
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any

NAME = "manager"
# A call that takes longer has a span of its own; all of them are counted, and what was counted is written this often.
SLOW_NS = 1_000_000
TELL_EVERY_NS = 100_000_000

_replacements: "list[Replacement]" = []
_connection_type: "type[Any]" = object
_watched_type: "type[Any]" = object
_callmethod_code: "Any" = None
# What each thread is about: when it began to start a server, and to connect; when its call began, and how far it is.
_starting: "dict[int, int]" = {}
_connecting: "dict[int, int]" = {}
_calls: "dict[int, list[int]]" = {}
_count = _total_ns = _told = _told_ns = 0


def install(managers: "ModuleType") -> None:
    """Record the servers that are started, and the calls of their proxies."""
    global _connection_type, _watched_type, _callmethod_code
    _callmethod_code = managers.BaseProxy._callmethod.__code__
    _connection_type = base = sys.modules["multiprocessing.connection"].Connection
    watches = {"_writable": _asks, "_readable": _waits, "_handle": _reads}
    members = {name: GetWatch(name, guarded(NAME, call)) for name, call in watches.items()}
    _watched_type = type(base.__name__, (base,), {"__module__": base.__module__, **members})
    _watch(managers.BaseManager, SetWatch("_process", _guard(_server_begun)))
    _watch(managers.BaseManager, SetWatch("_address", _guard(_server_started)))
    _watch(managers.Server, SetWatch("address", _guard(_server_bound)))
    _watch(managers.BaseProxy, GetWatch("_Client", _guard(_connects)))
    _watch(sys.modules["multiprocessing.util"].ForkAwareLocal, SetWatch("connection", _guard(_connected)))
    lifecycle.in_child.append(_forget)
    lifecycle.at_end.append(_guard(_tell))


def uninstall() -> None:
    """Record no more."""
    while _replacements:
        _replacements.pop().restore()


def _guard(call: "Callable[..., None]") -> "Callable[..., None]":
    return guarded(NAME, call)


def _watch(owner: "type[Any]", watch: "SetWatch") -> None:
    _replacements.append(Replacement(owner, watch.name, watch))


def _server_begun(manager: "Any") -> None:
    if manager._process is not None:
        _starting[get_ident()] = now_ns()


def _server_started(manager: "Any") -> None:
    """Record that the server has said its address. The constructor sets one too, before there is a process.

    What a context calls a process need not be one: ansible's is a thread, which no Popen has started.
    """
    popen = getattr(vars(manager).get("_process"), "_popen", None)
    begin_ns = _starting.pop(get_ident(), 0)
    if popen is not None and begin_ns:
        args = {"manager": type(manager).__name__, "child_pid": popen.pid}
        journal.span(begin_ns, NAME, "start server", args)


def _server_bound(_: "Any") -> None:
    journal.instant(NAME, "server bound", {})


def _connects(_: "Any") -> None:
    _connecting[get_ident()] = now_ns()


def _connected(local: "Any") -> None:
    """Record that a proxy's first call has connected, and watch the connection from now on."""
    begin_ns = _connecting.pop(get_ident(), 0)
    if begin_ns:
        journal.span(begin_ns, NAME, "connect to server")
    if type(local.connection) is _connection_type:
        local.connection.__class__ = _watched_type


def _asks(_: "Any") -> None:
    _calls[get_ident()] = [now_ns(), 0]


def _waits(_: "Any") -> None:
    call = _calls.get(get_ident())
    if call:
        call[1] = 1


def _reads(_: "Any") -> None:
    """Note that the connection reads: for the head of the answer first, then for the rest."""
    ident = get_ident()
    call = _calls.get(ident)
    if call and call[1]:
        call[1] += 1
        if call[1] == 3:
            del _calls[ident]
            _answered(call[0], get_frame(5))


def _answered(begin_ns: int, frame: "FrameType | None") -> None:
    global _count, _total_ns
    end_ns = now_ns()
    _count += 1
    _total_ns += end_ns - begin_ns
    if end_ns - begin_ns >= SLOW_NS or _count == 1:
        while frame and frame.f_code is not _callmethod_code:
            frame = frame.f_back
        method = journal.text(frame.f_locals.get("methodname")) if frame else ""
        journal.span(begin_ns, NAME, f"proxy call {method}".rstrip())
    if end_ns - _told_ns >= TELL_EVERY_NS:
        _tell()


def _tell() -> None:
    """Write how many calls there have been, and how long they took, if there were any since the last time."""
    global _told, _told_ns
    if _count > _told:
        _told, _told_ns = _count, now_ns()
        values = f'{{"calls":{_count},"waited_ns":{_total_ns}}}'
        write(_told_ns, f'["{COUNTER}",{_told_ns},"proxy calls",{values}]\n')


def _forget() -> None:
    """In a forked child: the calls so far were the parent's."""
    global _count, _total_ns, _told, _told_ns
    _count = _total_ns = _told = _told_ns = 0
    for about in (_starting, _connecting, _calls):
        about.clear()
