"""dill: can pickle locks, which it knows by their exact type.

Runtime: loaded where dill is (multiprocess pickles with it). The locks that we gave to logging's handlers are pickled
as what they stand for.
"""

from _thread import RLock

from mptrace.runtime.patches.logging_locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def install(dill: "ModuleType") -> None:
    """Have our locks pickled as any RLock is."""
    dispatch: dict[Any, Any] = dill.Pickler.dispatch
    if RLock in dispatch:
        dispatch[Lock] = dispatch[RLock]


def uninstall() -> None:
    """Leave it as it is: there are locks of ours still, and they are to be pickled."""
