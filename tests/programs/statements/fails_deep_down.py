from stopwatch import fail, wait, work


def deep(levels):
    if levels:
        deep(levels - 1)
    fail("d", 20)


wait("a")  # [a]
try:
    work("b")  # [b]
    with open(__file__):
        if wait("c"):  # [c]
            deep(30)  # [d]
finally:
    wait("e")  # [e]
wait("never")
