"""Which start methods of multiprocessing the host has chosen.

Runtime: loaded where multiprocessing is, except in spawned children, which are told the method of their parent. A
method is chosen by its name, whereupon the context of that name is asked if it can be had.
"""

from mptrace.runtime.guard import guarded, hide
from mptrace.runtime.patching import Replacement, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "process"

_chosen: "set[str]" = set()


def watch(context: "ModuleType") -> "list[Replacement]":
    """Note from now on which start methods are asked for by name."""
    kinds = context.BaseContext, context.ForkServerContext
    return [replace(kind, "_check_available", _make_check_available) for kind in kinds]


def is_chosen(method: str) -> bool:
    """Return whether somebody has asked for *method*."""
    return method in _chosen


def _make_check_available(original: "Any") -> "Any":
    chosen = guarded(NAME, _choose)

    def _check_available(self: "Any") -> None:
        chosen(self)
        try:
            original(self)
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise

    return hide(_check_available)


def _choose(context: "Any") -> None:
    _chosen.add(context._name)
