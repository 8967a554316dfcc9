"""Functions of the host's that are to be spans: those that MPTRACE_SPANS names.

Runtime: loaded only where it names any. A function is looked up when the host itself has imported its module, and
wrapped as if it had been decorated with mptrace.traced: that, and wrapt, is loaded then and not before. What a name
came to is recorded, one way or the other, so that the report can list those that came to nothing.
"""

from mptrace.runtime import config, hooks, journal
from mptrace.runtime.guard import guarded
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

NAME = "spans"

_replacements: "list[Replacement]" = []


def install(_bootstrap: "ModuleType") -> None:
    """Wait for the modules whose functions are named."""
    names: "dict[str, list[str]]" = {}
    for name in config.spans():
        names.setdefault(name.partition(":")[0], []).append(name)
    for module in names:
        hooks.when_imported(module, guarded(NAME, _wrapper(names[module])))


def uninstall() -> None:
    """Put the functions back."""
    while _replacements:
        _replacements.pop().restore()


def _wrapper(names: "list[str]") -> "Callable[[ModuleType], None]":
    def wrap_all(module: "ModuleType") -> None:
        from mptrace.decorators import traced

        for name in names:
            try:
                _wrap(module, name, traced)
            except (AttributeError, TypeError) as error:
                journal.instant("tracer", f"span {name}", {"error": str(error)})
            else:
                journal.instant("tracer", f"span {name}", {})

    return wrap_all


def _wrap(module: "ModuleType", name: str, traced: "Callable[..., Callable[[object], object]]") -> None:
    *owners, attribute = name.partition(":")[2].split(".")
    owner: object = module
    for step in owners:
        owner = getattr(owner, step)
    original = getattr(owner, attribute)
    if isinstance(original, type) or not callable(original):
        raise TypeError(f"{attribute!r} is not a function")
    # From its own namespace: there a static or class method is still what it was declared to be.
    original = vars(owner).get(attribute, original)
    _replacements.append(Replacement(owner, attribute, traced(name)(original)))
