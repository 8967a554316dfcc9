"""When each line at the top level of a module was reached: the main module's, above all.

Runtime: loaded where a main module runs. sys.monitoring (3.12) calls back when a line of one code object, that of the
module, is reached for the first time: a loop costs nothing from its second turn on, and what the module calls costs
nothing at all. No frame of ours is on the stack while the host's code runs. Without sys.monitoring there is no way to
do so (sys.settrace() makes all the host's code run several times slower), so there statements are not timed.

Lines become statements offline, where the source can be read.
"""

import os
import sys
from _thread import get_ident

from mptrace.records import LINES
from mptrace.runtime import journal, lifecycle
from mptrace.runtime.clock import get_frame, now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import quote, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

NAME = "statements"
# Not those that Python's documentation gives to debuggers, coverage, profilers and optimisers.
TOOLS = (4, 3)
# A line is kept with the moment it was reached at, unless the one kept before it was reached less than this before.
QUICK_NS = 20_000
# Lines are written as they are reached, so that a killed process shows the last one; but no more of them than this.
WRITE_EACH_NS = 500_000
WRITE_AHEAD_NS = 8 * WRITE_EACH_NS

_monitoring: "Any" = getattr(sys, "monitoring", None)
# Whether giving the tool back ends all its events (3.14); for one code of a thousand lines alone that takes 0.1 ms.
_FORGETS = hasattr(_monitoring, "clear_tool_id")
_DISABLE = getattr(_monitoring, "DISABLE", None)
_stat = os.stat
_tool = -1
_write_ns = 0
# Names of modules whose execution is about to begin.
_awaited: "set[str]" = set()
# The modules that are being executed, by the id of their code.
_bodies: "dict[int, Body]" = {}


class Body:
    """The code of a module that is being executed, and the line that it has come to.

    ``moments`` are those kept but not yet written: when a line was reached, the line, and so on. Until ``quick_ns``
    there is nothing to do but to remember the line.
    """

    # Not for memory: a slot is set faster than any other attribute, and two are at each line.
    __slots__ = ("at_ns", "code", "head", "ident", "kept_ns", "line", "moments", "quick_ns", "starts")

    def __init__(self, code: "CodeType | None", head: str) -> None:
        self.at_ns = self.line = self.kept_ns = self.quick_ns = 0
        self.code = code
        self.head = head
        self.ident = get_ident()
        self.moments: "list[int]" = []
        self.starts: "dict[int, int]" = {}


# Stands for code that is not, or no longer, watched. _body is the one that reached a line last.
_NOBODY = _body = Body(None, "")
_NOBODY.quick_ns = 1 << 63


def watch(module: str) -> None:
    """Time the statements of the next module that is executed under this name."""
    _take_tool()
    _awaited.add(module)
    _monitoring.set_events(_tool, _monitoring.events.PY_START)


def uninstall() -> None:
    """Time nothing any more."""
    global _tool
    if _tool >= 0:
        _write_all()
        _awaited.clear()
        _monitoring.set_events(_tool, 0)
        for body in _bodies.values():
            _monitoring.set_local_events(_tool, body.code, 0)
        _bodies.clear()
        _monitoring.free_tool_id(_tool)
        _tool = -1


def _take_tool() -> None:
    global _tool
    if _tool >= 0:
        return
    if _monitoring is None:
        raise NotImplementedError("statements are timed from Python 3.12 on")
    for tool in TOOLS:
        try:
            _monitoring.use_tool_id(tool, "mptrace")
        except ValueError:
            continue  # somebody else has it
        _tool = tool
        break
    else:
        raise RuntimeError(f"the tools {TOOLS} of sys.monitoring are taken")
    events = _monitoring.events
    for event, callback in (
        (events.PY_START, guarded(NAME, _started)),
        (events.LINE, _reached),
        (events.INSTRUCTION, _reached_instruction),
        (events.PY_RETURN, guarded(NAME, _left)),
        (events.PY_UNWIND, guarded(NAME, _left)),
    ):
        _monitoring.register_callback(_tool, event, callback)


def _started(code: "CodeType", _offset: int) -> "Any":
    """Note that a function, or a module, begins."""
    if code.co_name == "<module>":
        namespace = get_frame(2).f_globals
        name = namespace.get("__name__")
        if type(name) is str and name in _awaited:
            _awaited.discard(name)
            if not _awaited:
                _monitoring.set_events(_tool, 0)
            begin(code, name, journal.text(namespace.get("__file__", "")))
    return _DISABLE


def begin(code: "CodeType", module: str, file: str = "") -> None:
    """Time the statements of *module*, whose *code* is about to be executed; *file* is where it says it comes from."""
    _take_tool()
    if code.co_filename.startswith(("/", "<")):
        file = code.co_filename
    try:
        status = _stat(file)
        stamp = f"{status.st_mtime_ns},{status.st_size}"
    except OSError:
        stamp = "0,0"
    _bodies[id(code)] = body = Body(code, f"{quote(module)},{quote(file)},{stamp}")
    events = _monitoring.events
    event = events.LINE
    if not hasattr(events, "BRANCH_LEFT"):
        # Before 3.14 telling the line may take longer the farther down it is: 10 ms for a thousand lines.
        event = events.INSTRUCTION
        body.starts = {begin: line for begin, _, line in code.co_lines() if line}
    try:
        _monitoring.set_local_events(_tool, code, event | events.PY_RETURN | events.PY_UNWIND)
    except ValueError:  # before 3.15 an exception that leaves is told of for all code or none
        _monitoring.set_local_events(_tool, code, event | events.PY_RETURN)


def _reached(code: "CodeType", line: int) -> "Any":
    """Note that *code* has reached a line. Called for each one, hence unguarded: nothing in it can raise."""
    global _body
    at_ns = now_ns()
    body = _body
    if body.code is not code:
        body = _body = _bodies.get(id(code), _NOBODY)
    if at_ns > body.quick_ns:
        if at_ns - body.kept_ns >= QUICK_NS and body.kept_ns != body.at_ns:
            body.kept_ns = body.at_ns
            body.moments += body.at_ns, body.line
        body.at_ns = at_ns
        body.line = line
        if at_ns > _write_ns:
            _write(body, at_ns)
        body.quick_ns = min(body.kept_ns + QUICK_NS, _write_ns)
    else:
        body.at_ns = at_ns
        body.line = line
    return _DISABLE


def _reached_instruction(code: "CodeType", offset: int) -> "Any":
    body = _bodies.get(id(code))
    if body and offset in body.starts and body.starts[offset] != body.line:
        _reached(code, body.starts[offset])
    return _DISABLE


def _left(code: "CodeType", _offset: int, _value: object) -> None:
    """Note that the module has come to its end, or that an exception leaves it."""
    global _body
    _reached(code, 0)
    _body = _NOBODY
    body = _bodies.pop(id(code), None)
    if body:
        if body.kept_ns != body.at_ns:
            _write(body, body.at_ns)
        if not _FORGETS:
            _monitoring.set_local_events(_tool, code, 0)
        if not _bodies and not _awaited:
            uninstall()


def _write(body: Body, at_ns: int) -> None:
    """Write the lines that were kept, and the one that *body* is in."""
    global _write_ns
    moments, body.moments = [*body.moments, body.at_ns, body.line], []
    body.kept_ns = body.at_ns
    _write_ns = max(_write_ns, at_ns - WRITE_AHEAD_NS) + WRITE_EACH_NS
    write(at_ns, f'["{LINES}",{journal.thread_id()},{moments[0]},{body.head},{moments}]\n')


def _write_all() -> None:
    for body in _bodies.values():
        if body.kept_ns != body.at_ns and body.line:
            _write(body, now_ns())


def _reset() -> None:
    """In a forked child: what was kept is the parent's; the line that this thread was in begins again."""
    at_ns = now_ns()
    for key, body in list(_bodies.items()):
        body.moments = []
        body.at_ns = at_ns
        if body.ident != get_ident() or not body.line:
            del _bodies[key]


lifecycle.in_child.append(_reset)
# Not at_end: a forked child, which leaves by os._exit(), is for all its life in the line that its parent forked it in.
lifecycle.at_exit(guarded(NAME, _write_all))
