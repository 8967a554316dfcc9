import asyncio

from stopwatch import wait, work


async def sleep(letter):
    wait(letter, 3)
    await asyncio.sleep(0)
    work(letter, 3)


async def both():
    await asyncio.gather(sleep("a"), sleep("a"))


runner = asyncio.Runner()
runner.get_loop()
runner.run(both())  # [a]
runner.close()

async def step():
    wait("b")


coroutine = step()
try:
    coroutine.send(None)  # [b]
except StopIteration:
    pass
wait("c")  # [c]
