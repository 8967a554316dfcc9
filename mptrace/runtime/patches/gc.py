"""gc: garbage collections, how long each took, and how many pages one of the oldest generation touched first.

Runtime: loaded in a process of some size, see the table; a forked child inherits it. gc.callbacks is the host's to see:
it has one item more than without us. Having one at all costs each collection 1 to 3 µs, most of it CPython's.

CPython prints and forgets whatever is raised in one of these callbacks, and it runs the host's signal handlers where a
function begins, when one in C was called, on looping back, and in its arithmetic of long numbers (decimal digits,
products). So what a handler raises, Ctrl-C above all, would be lost during a long collection, each time. Ours gives it
no chance: see _patient(); `for item in iterator: break` has C code make an item, from arguments left in a list; numbers
are written in hexadecimal.
"""

import os
from _thread import get_native_id

from mptrace.records import COLLECTION, FAILURE
from mptrace.runtime import journal, lifecycle
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

NAME = "gc"
# Shorter ones are only counted: to write a record takes 5 µs, which is to be no more than 1 % of what it tells.
LONG_NS = 500_000
# The generation that the objects of a forked child's parent are in.
OLDEST = 2
RECORD = f'["{COLLECTION}","%x %x %x %x %x %x %x"]\n'.encode()

_callbacks: "list[Any] | None" = None
_begin_ns = _faults_before = 0
# What kept a collection from being recorded.
_trouble: "object" = None
# The journal's descriptor, and what it is a descriptor of.
_descriptor = -1
_link = _file = ""

_arguments: "list[Any]" = []
_argument: "Any" = iter(_arguments.pop, None)
_now: "Any" = iter(now_ns, None)
_place = zip(map(os.readlink, _argument), iter(get_native_id, None), strict=False)
_written = zip(map(os.write, _argument, _argument), _now, strict=False)
# The 10th field of /proc/self/stat. The name of the command before it may hold anything.
_opened = map(os.open, iter("/proc/self/stat".__str__, None), iter((os.O_RDONLY | os.O_CLOEXEC).__int__, None))
_texts = map(bytes.rpartition, map(os.read, _argument, iter((512).__int__, None)), iter(b")".__bytes__, None))
_fields = map(bytes.split, map(tuple.__getitem__, _texts, iter((2).__int__, None)))
_faults = zip(
    map(_arguments.append, _opened),
    map(_arguments.__imul__, iter((2).__int__, None)),  # the descriptor, to be read from and to be closed
    map(int, map(list.__getitem__, _fields, iter((7).__int__, None))),
    map(os.close, _argument),
    strict=False,
)


def install(_target: "ModuleType") -> None:
    """Record collections; nothing of *_target* is changed."""
    global _callbacks
    if _callbacks is not None:
        return  # by way of another target
    _patient(_collecting)
    _patient(_write)
    _callbacks = lifecycle._borrow(NAME).callbacks
    _begin_anew()
    # The first, so that what the host's do when a collection is over is not part of it.
    _callbacks.insert(0, _collecting)
    lifecycle.in_child.append(_begin_anew)
    lifecycle.at_end.append(_tell_trouble)


def uninstall() -> None:
    """Record no more."""
    global _callbacks
    if _callbacks is None:
        return
    if _collecting in _callbacks:
        _callbacks.remove(_collecting)
    lifecycle.in_child.remove(_begin_anew)
    lifecycle.at_end.remove(_tell_trouble)
    _callbacks = None


def _collecting(phase: str, info: "dict[str, int]") -> None:
    """Note that a collection begins, or write down one that is over."""
    global _begin_ns, _faults_before, _trouble
    try:
        for at_ns in _now:
            if phase == "start":
                _begin_ns = at_ns
                if info["generation"] == OLDEST and _trouble is None:
                    for _, _, _faults_before, _ in _faults:
                        break
            else:
                lifecycle.collections += 1
                lifecycle.collecting_ns += at_ns - _begin_ns
                if at_ns - _begin_ns >= LONG_NS:
                    _write(at_ns, info)
            break
    except Exception as error:  # noqa: BLE001 - guard cannot be called here; what happened is told at the end
        _trouble = error


def _write(end_ns: int, info: "dict[str, int]") -> None:
    """Write down the collection that has ended, if the descriptor is still that of the journal."""
    global _trouble
    generation, faults = info["generation"], -1
    if generation == OLDEST and _trouble is None:
        for _, _, faults_after, _ in _faults:
            faults = faults_after - _faults_before
            break
    _arguments[:] = (_link,)
    for file, tid in _place:
        if file == _file and journal._descriptor == _descriptor:
            numbers = tid, _begin_ns, end_ns, generation, info["collected"], info["uncollectable"], faults
            _arguments[:] = RECORD % numbers, _descriptor
            for _, at_ns in _written:
                journal.records += 1
                lifecycle.collections_written += 1
                journal.recording_ns += at_ns - end_ns
                break
        else:
            _trouble = "the journal got another descriptor"
        break


def _patient(function: "Callable[..., Any]") -> None:
    """Let *function* begin without looking for signals, as a generator goes on after `yield from`."""

    def resumed() -> "Any":
        yield from ()

    code = function.__code__
    begin = code.co_code[:1] + b"\2"
    if begin not in resumed.__code__.co_code:
        raise NotImplementedError("functions of this Python begin in another way")
    function.__code__ = code.replace(co_code=begin + code.co_code[2:])


def _begin_anew() -> None:
    """Count from zero: as tracing begins, and in a forked child, for which a collection it was forked in begins now."""
    global _begin_ns, _faults_before, _trouble, _descriptor, _link, _file
    _begin_ns, _faults_before, _trouble = now_ns(), 0, None
    lifecycle.collections = lifecycle.collecting_ns = lifecycle.collections_written = 0
    _descriptor = journal._descriptor
    _link = f"/proc/self/fd/{_descriptor}"
    try:
        _file = os.readlink(_link)
    except OSError as error:
        _file, _trouble = "", error


def _tell() -> None:
    """Record why not all collections were recorded, if so."""
    trouble = _trouble or (_collecting not in (_callbacks or ()) and "the host has emptied gc.callbacks")
    if trouble:
        at_ns = now_ns()
        journal.write(at_ns, f'["{FAILURE}",{at_ns},"{NAME}",{journal.quote(str(trouble))}]\n')


_tell_trouble = guarded(NAME, _tell)
