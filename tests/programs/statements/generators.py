from stopwatch import wait, work


def slowly():
    wait("a")
    yield 1
    work("b")
    yield 2
    wait("c")


steps = slowly()
next(steps)  # [a]
next(steps)  # [b]
list(steps)  # [c]
steps = (wait("e") for _ in range(1))
one, = steps  # [e]
wait("d")  # [d]
