from stopwatch import wait, work

if wait("a"):  # [a]
    wait("b")  # [b]
else:
    wait("never")
if not wait("c"):  # [c]
    wait("never")
elif wait("c") == "d":
    wait("never")
elif wait("c"):
    work("d")  # [d]
    wait("e")  # [e]
else:
    wait("never")
if False:
    wait("never")
else:
    wait("f")  # [f]
if True:
    pass
wait("g")  # [g]
