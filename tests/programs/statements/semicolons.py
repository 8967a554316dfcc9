from stopwatch import wait, work

a = wait("a", 4); b = wait("a", 4); work("a", 2)  # [a]
wait("b"); c = 1  # [b]
if a: wait("c"); work("c")  # [c]
d = 1; wait("d", 3); e = (  # [d]
    wait("d", 3)
); f = wait("d", 3)
wait("e")  # [e]
