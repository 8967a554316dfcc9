"""multiprocessing.popen_spawn_posix and popen_forkserver: the phases of a start() that does not fork.

Runtime: loaded in a parent that starts a process in one of these ways. What _launch() calls runs the host's code
(pickling), or may be interrupted by its signal handlers, so nothing of it is wrapped but set_spawning_popen(), which
begins and ends the pickling. The other borders are attributes of the Popen, set or looked up in between: spawn sets
its `pid` when the child has been executed; forkserver its `sentinel` when the server has been asked, then its
`finalizer`, and when everything has been sent it looks up the `sentinel`, to wait there for the answer.
"""

from mptrace.runtime import unpack
from mptrace.runtime.attributes import SetWatch
from mptrace.runtime.clock import get_frame
from mptrace.runtime.guard import guarded
from mptrace.runtime.patches.process_start import boundary, end, under_way
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# The files that are loaded soon after this one; image.py puts them here.
unpack((("no image", (b"", None)),))
NAME = "process"

_replacements: "list[Replacement]" = []


class SentinelWatch(SetWatch):
    """A SetWatch that also sees the attribute being looked up."""

    __slots__ = ()

    def __get__(self, instance: "Any", owner: "Any" = None) -> "Any":
        value = super().__get__(instance, owner)
        if instance is not None:
            _looked_up()
        return value


def install(popen: "ModuleType") -> None:
    """Divide each start() that uses the class Popen of the module *popen*."""
    _replacements.append(replace(popen, "set_spawning_popen", _make_set_spawning_popen))
    _watch(popen.Popen, SetWatch("finalizer", guarded(NAME, _made_finalizer)))
    if popen.Popen.method == "spawn":
        _watch(popen.Popen, SetWatch("pid", guarded(NAME, _executed)))
    else:
        _watch(popen.Popen, SentinelWatch("sentinel", guarded(NAME, _asked)))


def uninstall() -> None:
    """Divide them no more."""
    while _replacements:
        _replacements.pop().restore()


def _watch(popen_class: "Any", watch: SetWatch) -> None:
    _replacements.append(Replacement(popen_class, watch.name, watch))


def _make_set_spawning_popen(original: "Any") -> "Any":
    begun, ended = guarded(NAME, _pickling), guarded(NAME, _pickled)

    def set_spawning_popen(popen: "Any") -> None:
        original(popen)
        if popen is None:
            ended()
        else:
            begun()

    return set_spawning_popen


def _pickling() -> None:
    boundary("prepare")


def _pickled() -> None:
    # Looked at, not kept: this prolongs no object's life on any version.
    variables = get_frame(3).f_locals
    buffer: Any = variables.get("fp") or variables.get("buf")
    boundary("pickle", args=f'{{"bytes":{buffer.tell()}}}' if hasattr(buffer, "tell") else "{}")
    _end_if_failed()


def _executed(_popen: "Any") -> None:
    _reached("exec", "send")


def _asked(_popen: "Any") -> None:
    _reached("forkserver", "forkserver")


def _made_finalizer(popen: "Any") -> None:
    """Note that sending may begin, if the child is being made; or that start() failed, from whose cleanup this is."""
    _end_if_failed(vars(popen).get("pid", 0))
    begun = under_way()
    if begun and begun.last_phase:
        begun.last_phase = "send"


def _end_if_failed(child_pid: int = 0) -> None:
    begun = under_way()
    if begun and begun.has_failed:
        end(child_pid)


def _sent() -> None:
    begun = under_way()
    if begun and begun.last_phase == "send":
        _reached("send", "forkserver")


def _reached(phase: str, next_phase: str) -> None:
    """Note the end of a phase, and what the rest of this thread's start() is unless something else comes."""
    boundary(phase)
    begun = under_way()
    if begun:
        begun.last_phase = next_phase


_looked_up = guarded(NAME, _sent)
