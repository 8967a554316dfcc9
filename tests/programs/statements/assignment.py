from stopwatch import wait, work

a = wait("a")  # [a]
b: str = wait("b")  # [b]
c = d = wait("c", 2), work("c", 3)  # [c]
e, *f = wait("e"), 1, 2  # [e]
g = 1
g += len(wait("g"))  # [g]
(h := wait("h"))  # [h]
