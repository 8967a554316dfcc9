from stopwatch import wait, work

for _ in range(3):  # [a]
    wait("a", 3)
    for _ in range(2):
        work("a", 1)
for letter in wait("b"):  # [b]
    if letter == "b":
        wait("b")
        continue
    wait("never")
for _ in range(100000):
    break
else:
    wait("never")
for _ in range(3):  # [d]
    pass
else:
    wait("d")
wait("e")  # [e]
