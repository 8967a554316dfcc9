from contextlib import contextmanager

from stopwatch import fail, wait, work


@contextmanager
def slow(letter):
    wait(letter, 3)
    try:
        yield
    finally:
        work(letter, 3)


with slow("a"):  # [a]
    wait("b")  # [b]
    wait("c")  # [c]
with slow("d"), slow("d"):  # [d]
    pass
with (  # [e]
    slow("e") as one,
    slow("e") as two,
):
    wait("f")  # [f]
wait("g")  # [g]
