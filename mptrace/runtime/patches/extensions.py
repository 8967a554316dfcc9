"""Extension modules from outside the standard library: the threads that loading one started, and its page faults.

Runtime: loaded in every traced process that imports anything. It listens to what imports.py puts at the borders of
loading native code, so it adds nothing to other imports. The kernel's counts cost 10 µs, hence the standard library's
own extensions, of which even a small child loads ten, are passed over, and only loads that took long are recorded.
"""

import _imp

from mptrace.records import INSTANT
from mptrace.runtime import journal
from mptrace.runtime.clock import get_frame, now_ns, read_file
from mptrace.runtime.guard import guarded
from mptrace.runtime.journal import encode, quote, write
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

NAME = "extensions"
HOOK = "_mptrace_calling"
OF_THE_LIBRARY = "/lib-dynload/"
LEAST_NS = 1_000_000

_calling: "Replacement | None" = None
# Loads that have begun, by module: when, and the counts of then.
_begun: "dict[str, tuple[int, list[int]]]" = {}


def install(bootstrap: "ModuleType") -> None:
    """Count what loading an extension module does; nothing where imports are not recorded."""
    global _calling
    if hasattr(bootstrap, HOOK):
        _calling = Replacement(bootstrap, HOOK, _make_calling(getattr(bootstrap, HOOK)))


def uninstall() -> None:
    """Count no more."""
    if _calling:
        _calling.restore()


def _make_calling(original: "Callable[[Any], None]") -> "Callable[[Any], None]":
    loading, loaded = guarded(NAME, _loading), guarded(NAME, _loaded)

    def calling(function: "Any") -> None:
        original(function)
        if function is _imp.create_dynamic:
            loading(get_frame(1).f_locals["args"][0])
        elif function is _imp.exec_dynamic and _begun:
            loaded(get_frame(1).f_locals["args"][0])

    return calling


def _loading(spec: "Any") -> None:
    if OF_THE_LIBRARY not in str(spec.origin):
        _begun[spec.name] = now_ns(), _counts()


def _loaded(module: "Any") -> None:
    name = module.__name__
    begin_ns, before = _begun.pop(name, (0, []))
    at_ns = now_ns()
    if before and at_ns - begin_ns >= LEAST_NS:
        changes = (now - then for now, then in zip(_counts(), before, strict=True))
        args = dict(zip(("minor_faults", "major_faults", "threads"), changes, strict=True))
        write(at_ns, f'["{INSTANT}",{journal.thread_id()},{at_ns},"extension",{quote(name)},{encode(args)}]\n')


def _counts() -> "list[int]":
    """Return this process's minor and major page faults, and its threads (proc_pid_stat(5), fields 10, 12 and 20)."""
    fields = read_file("/proc/self/stat").rpartition(b")")[2].split()
    return [int(fields[position]) for position in (7, 9, 17)]
