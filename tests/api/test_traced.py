"""What traced() records of a function, and that the function remains what it was."""

import copy
import inspect
import pickle
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from mptrace import traced
from mptrace.runtime import spans
from tests.api.conftest import Recorded


@traced
def double(number: int, *, times: int = 1) -> int:
    """Return the number, doubled."""
    return number << times


@traced("triple it", size="small")
def triple(number: int) -> int:
    """Return the number three times."""
    return number * 3


@traced
def count(end: int) -> Iterator[int]:
    """Yield numbers, and return how many."""
    yield from range(end)


class Model:
    """Methods of every kind, decorated in either order."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and other.size == self.size

    __hash__ = None  # type: ignore[assignment]

    @traced
    def grow(self, by: int) -> int:
        """Return a bigger size."""
        return self.size + by

    @traced
    @classmethod
    def class_above(cls, size: int) -> "Model":
        return cls(size)

    @classmethod
    @traced
    def class_below(cls, size: int) -> "Model":
        return cls(size)

    @traced
    @staticmethod
    def static_above(size: int) -> int:
        return size

    @staticmethod
    @traced
    def static_below(size: int) -> int:
        return size


def test_call_is_recorded_under_the_qualified_name(recorded: Recorded) -> None:
    """A bare decorator names the span after the function."""
    assert double(2, times=2) == 8
    assert Model(3).grow(4) == 7
    assert recorded.names() == ["double", "Model.grow"]


def test_name_and_arguments_can_be_given(recorded: Recorded) -> None:
    """A decorator with arguments records those."""
    assert triple(2) == 6
    assert recorded.spans() == [[1_000, 1_000, "triple it", {"size": "small"}]]


def test_arguments_alone_keep_the_functions_name(recorded: Recorded) -> None:
    """Empty parentheses, or keywords alone, leave the name to the function."""

    def local() -> None:
        pass

    for decorator in (traced(), traced(name="n")):
        decorator(local)()
    name = "test_arguments_alone_keep_the_functions_name.<locals>.local"
    assert recorded.spans() == [[1_000, 1_000, name, {}], [1_000, 1_000, name, {"name": "n"}]]


@pytest.mark.parametrize("name", ["class_above", "class_below", "static_above", "static_below"])
def test_order_of_decorators_does_not_matter(recorded: Recorded, name: str) -> None:
    """traced() stands above or below classmethod and staticmethod, called on the class or on an object."""
    expected = 5 if name.startswith("static") else Model(5)
    assert getattr(Model, name)(5) == expected
    assert getattr(Model(1), name)(5) == expected
    assert recorded.names() == [f"Model.{name}"] * 2


def test_method_can_be_called_through_its_class(recorded: Recorded) -> None:
    """Model.grow(model, by) is the same as model.grow(by)."""
    assert Model.grow(Model(3), 4) == 7
    assert recorded.names() == ["Model.grow"]


def test_methods_that_python_makes_class_methods_remain_so(recorded: Recorded) -> None:
    """It does that for plain functions of a few names only."""

    class Base:
        made: ClassVar[list[str]] = []

        @traced("init subclass")
        def __init_subclass__(cls, **_: object) -> None:
            cls.made.append(cls.__name__)

        @traced("class getitem")
        def __class_getitem__(cls, item: str) -> str:
            return f"{cls.__name__} of {item}"

    class Derived(Base):
        pass

    assert Base.made == ["Derived"]
    subscript: Any = Derived
    assert subscript["a"] == "Derived of a"
    assert recorded.names() == ["init subclass", "class getitem"]


def test_function_keeps_what_describes_it() -> None:
    """Signature, annotations, documentation, names and kind are those of the function."""
    assert str(inspect.signature(double)) == "(number: int, *, times: int = 1) -> int"
    assert double.__doc__ == "Return the number, doubled."
    assert (double.__name__, double.__qualname__, double.__module__) == ("double", "double", __name__)
    assert inspect.isfunction(double)
    assert inspect.isgeneratorfunction(count)
    assert inspect.ismethod(Model(1).grow)
    assert str(inspect.signature(Model(1).grow)) == "(by: int) -> int"


def test_exception_passes_through_unchanged(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, frames: Callable[[BaseException], list[str]]
) -> None:
    """The very exception arrives, and its traceback is the same with tracing on and off."""
    raised = KeyError("k")

    @traced("fail")
    def fail() -> None:
        raise raised.with_traceback(None)

    seen = []
    for is_on in (False, True):
        monkeypatch.setattr(spans, "_is_on", is_on)
        with pytest.raises(KeyError) as caught:
            fail()
        assert caught.value is raised
        seen.append(frames(raised)[1:])
    assert seen == [["call", "fail"]] * 2
    assert recorded.spans() == [[1_000, 1_000, "fail", {"error": "KeyError"}]]


def test_generators_span_lasts_from_first_step_to_end(recorded: Recorded) -> None:
    """A span of a generator begins with its first step, not with the call."""
    numbers = count(2)
    recorded.spend(100)
    for _ in numbers:
        recorded.spend(10)
    assert recorded.spans() == [[1_100, 1_120, "count", {}]]


def test_generator_is_the_hosts_in_all_it_does(recorded: Recorded) -> None:
    """What is sent, thrown and returned goes through, and wrong arguments fail at the call."""

    @traced("echo")
    def echo() -> Any:
        sent = yield "ready"
        try:
            yield sent
        except KeyError as error:
            yield error
        return "done"

    generator: Any = echo()
    thrown = KeyError()
    assert next(generator) == "ready"
    assert generator.send(5) == 5
    assert generator.throw(thrown) is thrown
    with pytest.raises(StopIteration) as stopped:
        next(generator)
    assert stopped.value.value == "done"
    assert generator.__qualname__ == "test_generator_is_the_hosts_in_all_it_does.<locals>.echo"
    with pytest.raises(TypeError):
        count()  # type: ignore[call-arg]
    assert recorded.names() == ["echo"]


def test_generator_left_early_is_closed(recorded: Recorded) -> None:
    """Closing a traced generator closes the host's."""
    closed = []

    @traced("numbers")
    def numbers() -> Iterator[int]:
        try:
            yield 1
        finally:
            closed.append(True)

    generator: Any = numbers()
    next(generator)
    generator.close()
    assert closed == [True]
    assert recorded.spans() == [[1_000, 1_000, "numbers", {"error": "GeneratorExit"}]]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_functions_are_pickled_by_reference(protocol: int) -> None:
    """A traced function at module level comes back as itself, as a plain one does."""
    assert pickle.loads(pickle.dumps(double, protocol)) is double
    assert pickle.loads(pickle.dumps(triple, protocol)) is triple


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["class_above", "class_below", "static_above", "static_below"])
def test_methods_are_pickled_with_their_owner(recorded: Recorded, name: str, protocol: int) -> None:
    """A traced method comes back bound to what it was bound to, and traced."""
    method = pickle.loads(pickle.dumps(getattr(Model, name), protocol))
    assert method(5) == (5 if name.startswith("static") else Model(5))
    grow = pickle.loads(pickle.dumps(Model(3).grow, protocol))
    assert grow(4) == 7
    assert pickle.loads(pickle.dumps(Model.grow, protocol))(Model(3), 4) == 7
    assert recorded.names() == [f"Model.{name}", "Model.grow", "Model.grow"]


def test_functions_are_copied_as_functions_are() -> None:
    """A copy of a function is the function; a deep copy of a bound method is bound to a copy."""
    assert copy.copy(double) is double
    assert copy.deepcopy([double]) == [double]
    model = Model(3)
    grow = copy.deepcopy(model.grow)
    model.size = 100
    assert grow(4) == 7
    assert copy.copy(model.grow)(4) == 104
