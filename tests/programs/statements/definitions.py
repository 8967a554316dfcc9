from stopwatch import wait, work


def defaults(one=wait("a", 3), *, two=wait("a", 3)):  # [a]
    wait("never")


async def awaited(  # [b]
    one=wait("b", 3),
    two=work("b", 3),
):
    wait("never")


anonymous = lambda one=wait("c"): wait("never")  # [c]
generic = type("Generic", (), {"attribute": wait("d")})  # [d]
