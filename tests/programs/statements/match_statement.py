from stopwatch import wait, work

match wait("a"):  # [a]
    case "b":
        wait("never")
    case "a" if wait("a"):
        wait("b")  # [b]
        work("c")  # [c]
    case _:
        wait("never")
match [1, 2]:
    case [one, two]:
        wait("d")  # [d]
wait("e")  # [e]
