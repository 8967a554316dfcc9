"""os.exec* and os.posix_spawn*: the programs that this process turns into, or starts.

Runtime: loaded in every traced process that imports anything, for nobody tells beforehand; hence little of it. All of
os.exec* end in execv or execve. Each becomes a class whose __new__ writes the record and whose __init__ is the original
itself: so nothing of ours is on the stack while it executes, or when it fails. What comes after the record on the same
thread says that it did fail. posix_spawn returns something, so it gets a wrapper, which only an audit hook can meet.
"""

import sys
from _thread import allocate_lock
from os import fsdecode
from time import process_time_ns, thread_time_ns

from mptrace.records import EXEC
from mptrace.runtime import journal, preload
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "exec"
# Of a command line, enough to know the program by.
MAX_WORDS = 16
MAX_LETTERS = 200
# Seconds. How long one thread waits for another to load a file; not for ever, as that may have been left by a fork.
PATIENCE = 0.1

_replacements: "list[Replacement]" = []
_loading = allocate_lock()


def install(os: "ModuleType") -> None:
    """Record what this process executes, and what it starts by itself."""
    note = guarded(NAME, _executing)
    for name in ("execv", "execve"):
        replacement = Replacement(os, name, _recorded(vars(os)[name], note))
        _replacements.append(replacement)
        if replacement.original in os.supports_fd:
            os.supports_fd.add(replacement.wrapper)
    for name in ("posix_spawn", "posix_spawnp"):
        _replacements.append(replace(os, name, _make_posix_spawn))


def uninstall() -> None:
    """Record no more."""
    while _replacements:
        replacement = _replacements.pop()
        replacement.owner.supports_fd.discard(replacement.wrapper)
        replacement.restore()


def command(program: "Any", argv: "Any") -> str:
    """Return a program and its command line, shortened, as fields of a record."""
    words = [_text(word) for word in argv[:MAX_WORDS]] if type(argv) in (list, tuple) else []
    return f"{journal.quote(_text(program))},{journal.encode(words)}"


def load_programs() -> "ModuleType":
    """Return runtime/programs.py, which only a process that starts a program needs."""
    is_ours = _loading.acquire(timeout=PATIENCE)
    try:
        preload(("runtime/attributes.py", "runtime/programs.py"))
        from mptrace.runtime import programs
    finally:
        if is_ours:
            _loading.release()
    return programs


def _text(word: "Any") -> str:
    """Return a word of a command line. What cannot be one makes the call fail, not us.

    Only pathlib's paths are asked for theirs: another kind would run the host's code once more in order to answer.
    """
    kind = type(word)
    path: Any = getattr(sys.modules.get("pathlib"), "PurePath", None)
    if path and issubclass(kind, path):
        return journal.text(path.__str__(word))[:MAX_LETTERS]
    return (fsdecode(word) if kind is bytes else journal.text(word))[:MAX_LETTERS]


def _recorded(original: "Any", note: "Any") -> "Any":
    def __new__(cls: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        note(args, kwargs)
        return object.__new__(cls)

    name, members = original.__name__, {"__new__": __new__, "__init__": original, "__module__": "os"}
    __new__.__wrapped__ = original  # type: ignore[attr-defined]
    # The text signature of a class can only be told in the docstring that it is made with. To read it, inspect wants to
    # know that the function is of a module.
    signature = original.__text_signature__
    members |= {"__doc__": f"{name}{signature}\n--\n\n", "__self__": original.__self__, "__wrapped__": original}
    if sys.version_info[:2] == (3, 13):
        # There inspect unwraps neither classes, as before, nor their __new__, as after; but it takes a text here.
        members["__signature__"] = signature
    wrapper: Any = type(name, (), members)
    wrapper.__doc__ = original.__doc__
    return wrapper


def _executing(args: "tuple[Any, ...]", kwargs: "dict[str, Any]") -> None:
    path, argv, *_ = *args, *[kwargs[name] for name in ("path", "argv") if name in kwargs], None, ()
    at_ns = now_ns()
    fields = f"{journal.thread_id()},{at_ns},{process_time_ns()},{command(path, argv)}"
    journal.write(at_ns, f'["{EXEC}",{fields}]\n')


def _make_posix_spawn(original: "Any") -> "Any":
    note = guarded(NAME, _started)

    def posix_spawn(*args: "Any", **kwargs: "Any") -> "Any":
        begin = now_ns(), thread_time_ns()
        try:
            pid = original(*args, **kwargs)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        note(begin, pid, args, kwargs)
        return pid

    return hide(posix_spawn)


def _started(begin: "tuple[int, int]", pid: int, args: "tuple[Any, ...]", kwargs: "dict[str, Any]") -> None:
    env = args[2] if len(args) > 2 else kwargs.get("env")
    load_programs().started(begin, begin, pid, args[0], args[1], env)
    begin_ns = now_ns()
    preload(("runtime/callers.py", "runtime/waits.py"))
    from mptrace.runtime import waits

    waits.install(begin_ns)
