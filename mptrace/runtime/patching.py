"""Replace an attribute of the host's, and put it back.

Runtime: loaded in every traced process. A replacement remembers the object it changed: looking it up again by name
at the end would find another one where the host reloaded or replaced its module.
"""

import sys

from mptrace.runtime import unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# The files that are loaded along with this one; image.py puts them here.
unpack((("no image", (b"", None)),))
_MISSING = object()


class Replacement:
    """One attribute of one object that is ours for now."""

    __slots__ = ("name", "original", "owner", "wrapper")

    def __init__(self, owner: "Any", name: str, wrapper: "Any") -> None:
        self.owner = owner
        self.name = name
        # From the object's own namespace: an inherited attribute is put back by deleting ours, and a static or
        # class method keeps its descriptor.
        self.original = vars(owner).get(name, _MISSING)
        self.wrapper = wrapper
        setattr(owner, name, wrapper)

    def restore(self) -> None:
        """Put the original back, unless somebody has replaced ours in the meantime: then theirs stays."""
        if vars(self.owner).get(self.name) is not self.wrapper:
            return
        if self.original is _MISSING:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.original)


def replace(owner: "Any", name: str, make: "Callable[[Any], Any]") -> Replacement:
    """Replace ``owner.name`` by ``make(original)``. Raises AttributeError when there is no such attribute."""
    original = getattr(owner, name)
    wrapper = make(original)
    dress(wrapper, original, owner)
    return Replacement(owner, name, wrapper)


def dress(wrapper: "Any", original: "Any", owner: "Any") -> None:
    """Give a wrapper the name, docstring and module of what it stands for, as functools.wraps does.

    A module's function is pickled by where it is found, which is with us (os._exit), not where it came from (posix).
    """
    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__text_signature__"):
        if hasattr(original, name):
            setattr(wrapper, name, getattr(original, name))
    if type(owner) is type(sys):
        wrapper.__module__ = owner.__name__
    wrapper.__wrapped__ = original
