"""multiprocessing.resource_tracker and forkserver, and loky's: their own start, in the process that starts them.

Runtime: loaded where either may be started. Whoever needs one of them first looks whether it runs, and finds None
under this attribute; once it has been launched, the attribute is set. It is watched until then.
"""

from mptrace.runtime import hooks, journal
from mptrace.runtime.attributes import GetWatch
from mptrace.runtime.clock import now_ns
from mptrace.runtime.guard import guarded
from mptrace.runtime.patching import Replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

NAME = "server"
# The module, the name in it of the object that launches, its attribute, and what is launched.
LAUNCHERS = (
    ("multiprocessing.resource_tracker", "_resource_tracker", "_fd", "resource_tracker"),
    ("multiprocessing.forkserver", "_forkserver", "_forkserver_pid", "forkserver"),
    ("loky.backend.resource_tracker", "_resource_tracker", "_fd", "resource_tracker"),
    ("joblib.externals.loky.backend.resource_tracker", "_resource_tracker", "_fd", "resource_tracker"),
)

# Of modules that launch: those that are known, and what is watched in them.
_known: "set[str]" = set()
_replacements: "dict[str, Replacement]" = {}


class Launch(GetWatch):
    """Stands for the attribute of a launcher that is None until there is a server."""

    __slots__ = ("begin_ns", "module", "server")

    def __init__(self, name: str, module: str, server: str) -> None:
        super().__init__(name, self.looked)
        self.module, self.server = module, server
        self.begin_ns = 0

    def looked(self, _: "Any") -> None:
        """Note that somebody looks whether the server runs."""
        self.begin_ns = now_ns()

    def __set__(self, launcher: "Any", value: "Any") -> None:
        GetWatch.__set__(self, launcher, value)
        if value is not None:
            _launched(self)


def install(_: "ModuleType") -> None:
    """Watch the launchers, which may have been imported by now, or come to be later."""
    for module, name, attribute, server in LAUNCHERS:
        if module not in _known:
            _known.add(module)
            hooks.when_imported(module, _watcher(name, attribute, server))


def uninstall() -> None:
    """Watch no longer."""
    _known.clear()
    while _replacements:
        _replacements.popitem()[1].restore()


def _watcher(name: str, attribute: str, server: str) -> "Callable[[ModuleType], None]":
    """Return the action that watches the launcher *name* of a module, if it has launched nothing yet."""

    def watch(module: "ModuleType") -> None:
        launcher = getattr(module, name)
        if vars(launcher)[attribute] is None:
            watched = Launch(attribute, module.__name__, server)
            _replacements[module.__name__] = Replacement(type(launcher), attribute, watched)

    return guarded(NAME, watch)


def _tell_launched(launch: "Launch") -> None:
    _replacements.pop(launch.module).restore()
    if launch.begin_ns:
        journal.span(launch.begin_ns, "startup", f"start {launch.server}", {"module": launch.module})


_launched = guarded(NAME, _tell_launched)
