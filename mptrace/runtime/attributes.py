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
    looks = False

    def __init__(self, name: str, call: "Callable[[Any], None]") -> None:
        self.name = name
        self.call = call

    def __get__(self, instance: "Any", owner: "Any" = None) -> "Any":
        if instance is None:
            return self
        if self.looks:
            self.call(instance)
        try:
            return vars(instance)[self.name]
        except KeyError:
            pass
        try:
            raise AttributeError(self.absent(instance), name=self.name, obj=instance)
        except AttributeError as error:
            error.__traceback__ = None  # a bare raise adds no frame: whoever asked sees none of ours
            raise

    def __set__(self, instance: "Any", value: "Any") -> None:
        vars(instance)[self.name] = value
        self.call(instance)

    def __delete__(self, instance: "Any") -> None:
        try:
            del vars(instance)[self.name]
            return
        except KeyError:
            pass
        try:
            raise AttributeError(self.absent(instance))
        except AttributeError as error:
            error.__traceback__ = None
            raise

    def absent(self, instance: "Any") -> str:
        """Return the words in which Python says that *instance* has no such attribute."""
        return f"{type(instance).__name__!r} object has no attribute {self.name!r}"


class GetWatch(SetWatch):
    """Calls back when the attribute is about to be read, instead of when it has been set."""

    __slots__ = ()
    looks = True

    def __set__(self, instance: "Any", value: "Any") -> None:
        vars(instance)[self.name] = value
