"""traced(): a span around every call of a function.

Opt-in: loaded by a host that uses the decorator, traced or not. It stands on wrapt, because a decorated function must
remain what it was for everybody who looks at it: signature, annotations, kind, binding, pickling by reference. A call
takes the same path with tracing on and off, so that tracebacks do not differ.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from copy import deepcopy
from types import coroutine
from typing import Any, TypeVar, overload

from wrapt import BoundFunctionWrapper, FunctionWrapper

from mptrace.runtime.spans import span

F = TypeVar("F", bound=Callable[..., Any])
# What wrapt calls instead of the function: with the function, the instance, the arguments and the keywords.
Wrapper = Callable[[Any, Any, tuple[Any, ...], dict[str, Any]], Any]
Args = Mapping[str, Any]

# Python makes class methods of these by itself, but only where it finds plain functions.
CLASS_METHODS = ("__class_getitem__", "__init_subclass__")


@overload
def traced(function: F, /) -> F: ...
@overload
def traced(name: str | None = None, /, **args: object) -> Callable[[F], F]: ...
def traced(function: Any = None, /, **args: object) -> Any:
    """Record every call of a function as a span.

    >>> import mptrace
    >>> @mptrace.traced
    ... def load(path):
    ...     return path.upper()
    >>> load("model.bin")
    'MODEL.BIN'

    The span has the function's qualified name, or the one given; keywords are shown beside it:

    >>> @mptrace.traced("load model", size="small")
    ... def load_small():
    ...     return load("small.bin")
    >>> load_small()
    'SMALL.BIN'

    Methods, class and static methods, coroutines and generators can be decorated, above or below ``@classmethod`` and
    ``@staticmethod``. The span of a coroutine or a generator lasts from its first step to its end, with the time in
    between when others run. What has been decorated keeps its signature, its documentation, and can be pickled.
    """
    if function is None or isinstance(function, str):
        return lambda decorated: _wrap(decorated, function, args)
    return _wrap(function, None, args)


class _BoundTraced(BoundFunctionWrapper):  # type: ignore[type-arg]
    """A traced function that was looked up on an object or a class. Pickled as Python pickles a bound method."""

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        owner = getattr(self.__wrapped__, "__self__", self._self_owner)
        return getattr, (owner, self.__wrapped__.__name__)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        look_up, where = self.__reduce_ex__(None)
        return look_up(*deepcopy(where, memo))


class _Traced(FunctionWrapper):  # type: ignore[type-arg]
    """A traced function. Pickled as Python pickles a function: by name."""

    __bound_function_wrapper__ = _BoundTraced

    def __reduce_ex__(self, protocol: object) -> str:
        return str(self.__wrapped__.__qualname__)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self


def _wrap(decorated: Any, name: str | None, args: Args) -> Any:
    function = getattr(decorated, "__func__", decorated)  # of a class method or a static method
    qualname = getattr(function, "__qualname__", type(function).__qualname__)
    kinds = (
        (inspect.isasyncgenfunction, _async_generator),
        (inspect.iscoroutinefunction, _coroutine),
        (inspect.isgeneratorfunction, _generator),
    )
    make = next((make for is_kind, make in kinds if is_kind(function)), _call)
    if inspect.isfunction(decorated) and decorated.__name__ in CLASS_METHODS:
        decorated = classmethod(decorated)
    return _Traced(decorated, make(name or qualname, args, qualname))


def _call(name: str, args: Args, _qualname: str) -> Wrapper:
    def call(wrapped: Any, _instance: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        with span(name, **args):
            return wrapped(*arguments, **keywords)

    return call


def _coroutine(name: str, args: Args, qualname: str) -> Wrapper:
    async def run(wrapped: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        with span(name, **args):
            # Called no sooner: of a coroutine that is never awaited Python shall complain once.
            return await wrapped(*arguments, **keywords)

    def call(wrapped: Any, _instance: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        return _named(run(wrapped, arguments, keywords), qualname)

    return call


def _generator(name: str, args: Args, qualname: str) -> Wrapper:
    def run(generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        with span(name, **args):
            return (yield from generator)

    def call(wrapped: Any, _instance: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        generator = wrapped(*arguments, **keywords)
        made = run(generator)
        # Asked only now: types.coroutine() may have marked the host's function after it was decorated.
        return _named(_awaitable(made) if inspect.isawaitable(generator) else made, qualname)

    return call


@coroutine
def _awaitable(generator: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    return (yield from generator)


def _async_generator(name: str, args: Args, qualname: str) -> Wrapper:
    async def run(generator: AsyncGenerator[Any, Any]) -> AsyncGenerator[Any, Any]:
        with span(name, **args):
            step = generator.asend(None)
            while True:
                try:
                    item = await step
                except StopAsyncIteration:
                    return
                try:
                    step = generator.asend((yield item))
                except GeneratorExit:
                    await generator.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - thrown in from outside, for the host's generator to handle
                    step = generator.athrow(error)

    def call(wrapped: Any, _instance: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        return _named(run(wrapped(*arguments, **keywords)), qualname)

    return call


def _named(made: Any, qualname: str) -> Any:
    """Give a coroutine or a generator of ours the name of the host's, which tasks, warnings and debuggers show."""
    made.__qualname__ = qualname
    made.__name__ = qualname.rpartition(".")[2]
    return made
