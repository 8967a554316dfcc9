from stopwatch import fail, wait, work

wait("a")  # [a]
work("b")  # [b]
fail("c", 20)  # [c]
wait("never")
