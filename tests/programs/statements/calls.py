from stopwatch import wait, work

wait("a")  # [a]
work("b")  # [b]
print(wait("c"), end="")  # [c]
len(wait("d"))  # [d]
work("e", 40)  # [e]
