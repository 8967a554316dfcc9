from stopwatch import wait, work

turns = 0
while turns < 3:  # [a]
    wait("a", 2)
    turns += 1
else:
    work("a")
while True:  # [b]
    if turns > 200000:
        wait("b")
        break
    turns += 1 if work("b", 0) else 0
    if turns > 300:
        break
wait("c")  # [c]
