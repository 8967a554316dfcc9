"""Imports: what was found, loaded and executed, for whom, and how long each took.

Runtime: loaded in every traced process that imports anything. No function is put around the host's code: the methods
of the module lock and _init_module_attrs have returned before a module is executed, and _call_with_frames_removed is
replaced by a copy that looks first, under the same file name and line number. So no frame of ours is ever on the
stack or in a traceback, on 3.11 to 3.15. Replacing _find_and_load would show in every one of them.

A module is executed between the acquire and the release of its lock:
acquire - find - load (compile, read or dlopen) - execute - release.

This runs at every import of the host: hence plain lists, few calls, and the guard written out.
"""

import _imp
import _thread
import sys

from mptrace.records import IMPORT, IMPORT_BEGIN
from mptrace.runtime import hooks, journal, lifecycle
from mptrace.runtime.clock import get_frame, get_ident, now_ns
from mptrace.runtime.guard import failed, guarded, hide
from mptrace.runtime.journal import quote, write
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

    # A module's lock that a thread holds or waits for, perhaps an import, perhaps only a look: its fields are below.
    Import = list[Any]

NAME = "imports"
FROZEN = ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")
# The fields of an Import, in this order. What did not occur stays 0; loader and importer are JSON.
MODULE, BEGIN_NS, LOAD_NS, COMPILE_NS, EXEC_NS, WAIT_NS, HOLDER, LOADER, IMPORTER, LINE = range(10)

_replacements: "list[Replacement]" = []
_stacks: "dict[int, list[Import]]" = {}
_thread_ids: "dict[int, int]" = {}
# The module locks that exist, by name; and what has been quoted before, since most names come again.
_locks: "dict[str, Any]" = {}
_quoted: "dict[Any, str]" = {}


def install(bootstrap: "ModuleType") -> None:
    """Watch the import system, whose module is *bootstrap* (importlib._bootstrap)."""
    global _locks
    _locks = bootstrap._module_locks
    _replacements.append(replace(bootstrap._ModuleLock, "acquire", _make_acquire))
    _replacements.append(replace(bootstrap, "_init_module_attrs", _make_init_module_attrs))
    # The copy of _call_with_frames_removed lives among the globals of the original, and so must what it calls.
    _replacements.append(Replacement(bootstrap, "_mptrace_executing", _executing))
    _replacements.append(Replacement(bootstrap, "_mptrace_calling", guarded(NAME, _calling)))
    _replacements.append(replace(bootstrap, "_call_with_frames_removed", _make_call_with_frames_removed))
    hooks.listener = _released
    lifecycle.in_child.append(_reset)


def uninstall() -> None:
    """Watch no longer."""
    for replacement in reversed(_replacements):
        replacement.restore()
    _replacements.clear()
    hooks.listener = None
    _stacks.clear()


def _make_acquire(original: "Any") -> "Any":
    def acquire(self: "Any") -> "Any":
        waiting = None
        try:
            waiting = _acquiring(self)
        except Exception as error:
            failed(NAME, error)
        try:
            return original(self)
        except BaseException as error:
            # From 3.11 on a bare raise takes the traceback from the exception: this frame is left out of it.
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        finally:
            if waiting:
                _acquired(waiting)

    return hide(acquire)


def _make_init_module_attrs(original: "Any") -> "Any":
    def _init_module_attrs(spec: "Any", module: "Any", **override: bool) -> "Any":
        try:
            _loading(spec)
        except Exception as error:
            failed(NAME, error)
        return original(spec, module, **override)

    return hide(_init_module_attrs)


def _make_call_with_frames_removed(original: "Any") -> "Any":
    def _call_with_frames_removed(f: "Any", *args: "Any", **kwds: "Any") -> "Any":
        if f is exec:
            _mptrace_executing(args[1])
        elif f is compile or f is _imp.create_dynamic or f is _imp.exec_dynamic:
            _mptrace_calling(f)
        return f(*args, **kwds)

    # C code (remove_importlib_frames) knows this frame by its file and name; people see its line in tracebacks of
    # importlib.import_module, and its globals when they walk the stack. All of them stay.
    code, old = _call_with_frames_removed.__code__, original.__code__
    code = code.replace(
        co_filename=old.co_filename,
        co_name=old.co_name,
        co_qualname=old.co_qualname,
        co_firstlineno=code.co_firstlineno + _last_line(old) - _last_line(code),
    )
    return type(original)(code, original.__globals__)


def _last_line(code: "Any") -> int:
    return int(max(line for _, _, line in code.co_lines() if line))


def _acquiring(lock: "Any") -> "Import | None":
    """Note that this thread wants *lock*. Return the note if another thread has it now."""
    ident = get_ident()
    record = [lock.name, now_ns(), 0, 0, 0, 0, 0, '""', '""', 0]
    if ident in _stacks:
        _stacks[ident].append(record)
    else:
        _thread_ids[ident] = journal.thread_id()  # first: a child may be told from its parent only here
        _stacks[ident] = [record]
    owner = lock.owner
    # Under gevent the import system knows this thread by another number than we do.
    if owner is None or owner in (ident, _thread.get_ident()):
        return None
    record[HOLDER] = _thread_ids.get(owner, 0)
    lock_name = f"import lock {lock.name}"
    journal.announce(record[BEGIN_NS], "lock", lock_name, {"lock": lock_name, "holder": record[HOLDER]})
    return record


def _acquired(record: "Import") -> None:
    """Note that the wait for a lock is over, one way or the other."""
    try:
        record[WAIT_NS] = now_ns() - record[BEGIN_NS]
        lock_name = f"import lock {record[MODULE]}"
        journal.span(record[BEGIN_NS], "lock", lock_name, {"lock": lock_name, "holder": record[HOLDER]})
    except Exception as error:
        failed(NAME, error)


def _loading(spec: "Any") -> None:
    """Note that *spec* was found, and its module made: it is about to be executed."""
    ident = get_ident()
    stack = _stacks.get(ident)
    if not stack or stack[-1][MODULE] != spec.name:
        lock = _locks[spec.name]() if spec.name in _locks else None
        if lock is None or lock.owner not in (ident, _thread.get_ident()):
            return  # module_from_spec() was called by hand
        _acquiring(lock)  # it was acquired before we were here
        stack = _stacks[ident]
    record = stack[-1]
    loader = spec.loader if isinstance(spec.loader, type) else type(spec.loader)
    record[LOADER] = _quoted.get(loader) or _remember(loader, loader.__name__)
    if record[LOAD_NS]:
        record[EXEC_NS] = now_ns()  # an extension module, which has been created
        return
    record[LOAD_NS] = now_ns()
    # Above us are _init_module_attrs, module_from_spec, _load_unlocked, and another of the import system's.
    _ask_importer(record, get_frame(4))
    if len(stack) == 1:
        _announce(record, ident)


def _executing(namespace: "dict[str, Any]") -> None:
    """Note that a module is about to be executed. Called at every import, hence unguarded: nothing in it can raise."""
    stack = _stacks.get(get_ident())
    if stack:
        record = stack[-1]
        name = namespace.get("__name__")
        # exec_module() may also be called by hand, for a module that this thread holds no lock for.
        if not record[EXEC_NS] and (name is record[MODULE] or (type(name) is str and name == record[MODULE])):
            record[EXEC_NS] = now_ns()


def _calling(function: "Any") -> None:
    """Note what else the import system is about to do for the module on top of this thread's stack."""
    ident = get_ident()
    if ident not in _stacks:
        return
    record = _stacks[ident][-1]
    if function is _imp.exec_dynamic:
        record[EXEC_NS] = now_ns()
    elif function is compile:
        if not record[EXEC_NS]:
            record[COMPILE_NS] = now_ns()
    elif not record[LOAD_NS]:
        record[LOAD_NS] = now_ns()
        _ask_importer(record, get_frame(3))
        _announce(record, ident)  # native code may crash, or hang


def _ask_importer(record: "Import", frame: "FrameType | None") -> None:
    """Note who asked for the import: the first frame from *frame* on that is not of the import system.

    To come as near as can be saves what each step costs.
    """
    while frame:
        if frame.f_code.co_filename not in FROZEN:
            name = frame.f_globals.get("__name__")
            if type(name) is not str:
                name = journal.text(name)
            if name != "importlib":
                record[IMPORTER] = _quoted.get(name) or _remember(name, name)
                record[LINE] = frame.f_lineno
                return
            # import_module() asks on behalf of its caller.
        frame = frame.f_back


def _remember(key: "Any", text: str) -> str:
    _quoted[key] = quoted = quote(text)
    return quoted


def _announce(record: "Import", ident: int) -> None:
    """Write that the import goes on, so that the journal of a killed process ends with it.

    For the outermost ones, and those of native code: one more write for each of hundreds would double our cost.
    """
    fields = f"{quote(record[MODULE])},{record[IMPORTER]},{record[LINE]}"
    write(record[LOAD_NS], f'["{IMPORT_BEGIN}",{_thread_ids[ident]},{record[BEGIN_NS]},{fields}]\n')


def _released(module: str, end_ns: int) -> None:
    """Write down the import of *module* that this thread has finished at *end_ns*, if it was one."""
    ident = get_ident()
    stack = _stacks.get(ident)
    if not stack:
        return  # its lock was acquired before we were here
    record: Import | None = stack.pop()
    if record and record[MODULE] != module:
        stack.append(record)
        record = _take_out(stack, module)
    if not stack:
        del _stacks[ident]
    if record is None:
        return
    is_failed = module not in sys.modules
    if not record[LOAD_NS]:
        if not is_failed:
            return  # a look at a module that another import has loaded
        _ask_importer(record, get_frame(2))
    _, begin_ns, load_ns, compile_ns, exec_ns, wait_ns, holder, loader, importer, line = record
    rest = ",0,0,0,0"
    if compile_ns or wait_ns or is_failed:
        rest = f",{compile_ns and compile_ns - begin_ns},{wait_ns},{holder},{int(is_failed)}"
    write(
        end_ns,
        f'["{IMPORT}",{_thread_ids[ident]},{begin_ns},{end_ns - begin_ns},{quote(module)},{importer},{line},{loader},'
        f"{load_ns and load_ns - begin_ns},{exec_ns and exec_ns - begin_ns}{rest}]\n",
    )


def _take_out(stack: "list[Import]", module: str) -> "Import | None":
    """Remove and return the topmost note of *module*; what lies above was left behind, as by a switched greenlet."""
    for at in range(len(stack) - 1, -1, -1):
        if stack[at][MODULE] == module:
            record = stack[at]
            del stack[at:]
            return record
    return None


def _reset() -> None:
    """In a forked child: only this thread's imports go on, and for the child they begin now."""
    ident = get_ident()
    stack = _stacks.get(ident)
    _stacks.clear()
    _thread_ids.clear()
    if stack:
        _thread_ids[ident] = journal.thread_id()
        _stacks[ident] = stack
        for depth, record in enumerate(stack):
            # The outer ones still enclose the inner ones.
            record[BEGIN_NS] = begin_ns = now_ns() + depth
            for moment in (LOAD_NS, COMPILE_NS, EXEC_NS):
                record[moment] = record[moment] and begin_ns


# Found under these names by the copy of _call_with_frames_removed, see install().
_mptrace_executing, _mptrace_calling = _executing, _calling
