from stopwatch import wait

wait("a")


def __getattr__(name):
    wait("b")
    return name
