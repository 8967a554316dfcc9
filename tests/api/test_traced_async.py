"""What traced() records of coroutines and asynchronous generators, and that they remain what they were."""

import asyncio
import gc
import inspect
import types
import warnings
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mptrace import span, traced
from tests.api.conftest import Recorded


@traced
async def fetch(number: int) -> int:
    """Return the number, later."""
    await asyncio.sleep(0)
    return number


@traced
async def stream(end: int) -> AsyncIterator[int]:
    """Yield numbers, later."""
    for number in range(end):
        await asyncio.sleep(0)
        yield number


def test_kinds_are_kept() -> None:
    """Python and asyncio see a coroutine function and an asynchronous generator function."""
    assert inspect.iscoroutinefunction(fetch)
    assert inspect.isasyncgenfunction(stream)


def test_coroutine_is_recorded(recorded: Recorded) -> None:
    """A coroutine is a span from its first step to its end."""
    assert asyncio.run(fetch(3)) == 3
    assert recorded.names() == ["fetch"]


def test_generator_that_can_be_awaited_is_recorded(recorded: Recorded) -> None:
    """types.coroutine() makes one of a generator function, before or after it is decorated."""

    def step() -> Generator[None, None, int]:
        yield
        return 7

    @traced("below")
    @types.coroutine
    def below() -> Generator[None, None, int]:
        return (yield from step())

    @types.coroutine
    @traced("above")
    def above() -> Generator[None, None, int]:
        return (yield from step())

    async def both() -> int:
        return await below() + await above()

    assert asyncio.run(both()) == 14
    assert recorded.names() == ["below", "above"]


def test_task_and_coroutine_are_named_after_the_function(recorded: Recorded) -> None:
    """The coroutine carries the function's name, which tasks show."""

    async def main() -> str:
        task = asyncio.create_task(fetch(3))
        shown = repr(task)
        await task
        return shown

    assert "coro=<fetch()" in asyncio.run(main())


def test_coroutine_that_is_never_awaited_is_complained_of_once() -> None:
    """Python warns once, with the function's name."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fetch(3)  # type: ignore[unused-coroutine]
        gc.collect()
    assert [str(warning.message) for warning in caught] == ["coroutine 'fetch' was never awaited"]


def test_failing_coroutine_passes_its_exception_on(recorded: Recorded) -> None:
    """The very exception arrives, and its type is recorded."""
    raised = KeyError("k")

    @traced("fail")
    async def fail() -> None:
        raise raised

    with pytest.raises(KeyError) as caught:
        asyncio.run(fail())
    assert caught.value is raised
    assert recorded.spans() == [[1_000, 1_000, "fail", {"error": "KeyError"}]]


def test_cancelled_coroutine_says_so(recorded: Recorded) -> None:
    """Cancellation goes through, and is what ended the span."""

    async def main() -> None:
        task = asyncio.create_task(fetch(3))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert recorded.spans() == [[1_000, 1_000, "fetch", {"error": "CancelledError"}]]


def test_tasks_that_take_turns_tell_their_true_times(recorded: Recorded) -> None:
    """Spans of two tasks on one thread overlap: each is recorded from its begin to its end."""

    async def work(name: str) -> None:
        with span(name):
            recorded.spend(10)
            await asyncio.sleep(0)
            recorded.spend(1)

    async def main() -> None:
        await asyncio.gather(work("a"), work("b"))

    asyncio.run(main())
    assert recorded.spans() == [[1_000, 1_021, "a", {}], [1_010, 1_022, "b", {}]]


def test_asynchronous_generator_is_recorded(recorded: Recorded) -> None:
    """A span of an asynchronous generator lasts from its first step to its end."""

    async def main() -> list[int]:
        numbers = stream(2)
        recorded.spend(100)
        found = []
        async for number in numbers:
            recorded.spend(10)
            found.append(number)
        return found

    assert asyncio.run(main()) == [0, 1]
    assert recorded.spans() == [[1_100, 1_120, "stream", {}]]


def test_asynchronous_generator_is_the_hosts_in_all_it_does(recorded: Recorded) -> None:
    """What is sent and thrown goes through, closing closes the host's generator, wrong arguments fail at the call."""
    closed = []

    @traced("echo")
    async def echo() -> Any:
        try:
            sent = yield "ready"
            try:
                yield sent
            except KeyError as error:
                yield error
            yield "unreached"
        finally:
            closed.append(True)

    async def main() -> None:
        generator = echo()
        thrown = KeyError()
        assert await anext(generator) == "ready"
        assert await generator.asend(5) == 5
        assert await generator.athrow(thrown) is thrown
        await generator.aclose()

    asyncio.run(main())
    assert closed == [True]
    assert recorded.spans() == [[1_000, 1_000, "echo", {"error": "GeneratorExit"}]]
    with pytest.raises(TypeError):
        stream()  # type: ignore[call-arg]


def test_asynchronous_context_manager_sees_the_exception(recorded: Recorded) -> None:
    """asynccontextmanager, which throws the block's exception into the generator, works as without us."""
    seen = []

    @asynccontextmanager
    @traced("resource")
    async def resource() -> AsyncIterator[int]:
        try:
            yield 1
        except KeyError as error:
            seen.append(error)

    raised = KeyError("k")

    async def main() -> None:
        async with resource() as number:
            assert number == 1
            raise raised

    asyncio.run(main())
    assert seen == [raised]
    assert recorded.spans() == [[1_000, 1_000, "resource", {}]]
