from stopwatch import wait, work


def slow(letter):
    def decorate(thing):
        work(letter, 3)
        return thing

    wait(letter, 3)
    return decorate


@slow("a")
def one():  # [a]
    """Does nothing."""


@slow("b")
@slow("b")
class Two:  # [b]
    @slow("b")
    def method(self):
        """Does nothing."""


@(
    slow("c")
)
async def three():  # [c]
    wait("never")


wait("d")  # [d]
