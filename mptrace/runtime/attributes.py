"""Notice when an attribute of the host's objects is set, or read.

Runtime: loaded where a patch needs it. Setting or reading an attribute is the one moment that a method shows to the
outside without calling anything: watched here, the method itself need not be wrapped.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class SetWatch:
    """Stands in a class for an attribute of its instances, and calls back when one has been set.

    The value stays where it was, in the instance's __dict__ under the same name, so that vars(), pickling and copying
    see no difference. Whoever sets it goes on at once: no frame of ours remains.
    """

    __slots__ = ("call", "name")

    def __init__(self, name: str, call: "Callable[[Any], None]") -> None:
        self.name = name
        self.call = call

    def __get__(self, instance: "Any", owner: "Any" = None) -> "Any":
        if instance is None:
            return self
        try:
            return vars(instance)[self.name]
        except KeyError:
            pass
        message = f"{type(instance).__name__!r} object has no attribute {self.name!r}"
        raise AttributeError(message, name=self.name, obj=instance)

    def __set__(self, instance: "Any", value: "Any") -> None:
        vars(instance)[self.name] = value
        self.call(instance)

    def __delete__(self, instance: "Any") -> None:
        try:
            del vars(instance)[self.name]
        except KeyError:
            raise AttributeError(self.name) from None


class GetWatch(SetWatch):
    """Calls back when the attribute is about to be read, instead of when it has been set."""

    __slots__ = ()

    def __get__(self, instance: "Any", owner: "Any" = None) -> "Any":
        if instance is not None:
            self.call(instance)
        return SetWatch.__get__(self, instance, owner)

    def __set__(self, instance: "Any", value: "Any") -> None:
        vars(instance)[self.name] = value
