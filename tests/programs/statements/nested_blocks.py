from contextlib import nullcontext

from stopwatch import fail, wait, work

if wait("a"):  # [a]
    with nullcontext():
        try:
            if True:
                wait("b")  # [b]
                for _ in range(2):  # [c]
                    work("c", 3)
                with nullcontext(wait("d")):  # [d]
                    fail("e")  # [e]
        except ValueError:
            match wait("f"):  # [f]
                case "f":
                    wait("g")  # [g]
    wait("h")  # [h]
wait("i")  # [i]
