from contextlib import suppress

from stopwatch import fail, wait


class Slow:
    def __enter__(self):
        wait("a", 3)

    def __exit__(self, *error):
        wait("a", 3)
        return True


with Slow():  # [a]
    fail("b")  # [b]
    wait("never")
with suppress(ValueError):
    fail("c")  # [c]
wait("d")  # [d]
