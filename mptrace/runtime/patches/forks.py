"""os.register_at_fork: how long each at-fork handler takes that others have registered.

Runtime: loaded in every traced process that imports anything, before the first module that could register any. No
handler is wrapped: what one raises is printed with its name and its frames. Instead a handler of ours is registered
after each of the host's. `before` runs last registered first, so ours says when the host's begins; `after` runs first
registered first, so ours says when the host's has ended. Those of lifecycle, registered before all, say the rest.
"""

from mptrace.runtime import lifecycle
from mptrace.runtime.guard import guarded, undisturbed
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "forks"

_register: "Replacement | None" = None
# Never emptied, since what is registered with the interpreter stays: ours have the numbers of theirs.
_handlers: "dict[str, list[Any]]" = {"before": [], "after_in_parent": [], "after_in_child": []}


def install(os: "ModuleType") -> None:
    """Time the handlers that are registered from now on."""
    global _register
    _register = replace(os, "register_at_fork", _make_register_at_fork)
    lifecycle.fork_handlers = _handlers


def uninstall() -> None:
    """Time them no longer."""
    lifecycle.fork_handlers = None
    if _register:
        _register.restore()


def _make_register_at_fork(original: "Any") -> "Any":
    watch = guarded(NAME, _watch)
    ended = undisturbed(NAME, _ended)

    def register_at_fork(*args: "Any", **kwargs: "Any") -> None:
        try:
            original(*args, **kwargs)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        watch(original, kwargs, ended)

    return register_at_fork


def _watch(register: "Any", theirs: "dict[str, Any]", ended: "Any") -> None:
    """Register a handler of ours after those that the host has just registered."""
    ours = {side: lifecycle.marker(len(_handlers[side])) if side == "before" else ended for side in theirs}
    for side, handler in theirs.items():
        _handlers[side].append(handler)
    register(**ours)


def _ended() -> None:
    lifecycle.load_forks().ended()
