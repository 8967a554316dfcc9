from stopwatch import wait, work

assert wait("a"), wait("never")  # [a]
holder = {}
holder[wait("b")] = wait("b")  # [b]
del holder[wait("c").replace("c", "b")]  # [c]
holder["x"] = f"{wait('d')!r:>{len(wait('d')) * 10}}"  # [d]
text = (  # [e]
    f"{wait('e', 3)}"
    f"{wait('e', 3)}"
)
1 < len(wait("f")) < len(wait("never"))  # [f]
wait("g") if holder else wait("never")  # [g]
holder and wait("h") or wait("never")  # [h]
pass
...
wait("i")  # [i]
