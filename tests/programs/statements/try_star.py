from stopwatch import wait, work


def fail_twice():
    wait("a")
    raise ExceptionGroup("both", [ValueError(), TypeError()])


try:
    fail_twice()  # [a]
except* ValueError:
    wait("b")  # [b]
except* TypeError:
    work("c")  # [c]
except* OSError:
    wait("never")
wait("d")  # [d]
