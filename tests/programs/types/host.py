"""What a type checker must know of the API; test_types.py says which lines are wrong."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import mptrace
from mptrace import counter, instant, span, traced


@traced
def double(number: int, *, times: int = 1) -> int:
    return number << times


@traced("named", size=3)
async def fetch(key: str) -> bytes:
    return key.encode()


@traced()
def count(end: int) -> Iterator[int]:
    yield from range(end)


@traced
async def stream(end: int) -> AsyncIterator[int]:
    yield end


class Model:
    @traced
    def grow(self, by: int) -> "Model":
        return self

    @classmethod
    @traced
    def make(cls) -> "Model":
        return cls()

    @staticmethod
    @traced("checked")
    def is_size(size: int) -> bool:
        return size > 0


def returns_from_within() -> int:
    with span("work", rows=3, path=Path()):
        return double(2, times=2)


async def main() -> bytes:
    async for number in stream(3):
        instant("number", number=number)
    return await fetch("a")


def read(run: str) -> list[str]:
    mptrace.merge(Path(run), "trace.json.gz")
    trace: mptrace.Trace = mptrace.load(run)
    return [process.name for process in trace.processes]


run: str = mptrace.start(Path("runs"))
counter("queue", waiting=3, running=0.5)
enabled: bool = mptrace.is_enabled()
mptrace.ready()
mptrace.stop()
size: bool = Model.is_size(3)
model: Model = Model.make().grow(3)
data: bytes = asyncio.run(main())
numbers: list[int] = list(count(3))
double("2")  # error: arg-type
double(2, 3)  # error: call-arg
text: str = double(2)  # error: assignment
Model().grow("3")  # error: arg-type
fetch(1)  # error: arg-type unused-coroutine
counter("queue", waiting="3")  # error: arg-type
span()  # error: call-arg
mptrace.spam  # error: attr-defined
