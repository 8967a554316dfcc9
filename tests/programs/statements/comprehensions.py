from stopwatch import wait, work

listed = [wait("a", 2) for _ in range(4)]  # [a]
named = {  # [b]
    number: work("b", 2)
    for number in range(4)
    if number != 2
}
unique = {wait("c", 3) for _ in range(2)}  # [c]
generated = (wait("d", 3) for _ in range(2))
taken = list(  # [d]
    generated
)
total = sum(  # [e]
    len(wait("e", 2))
    for _ in range(3)
    for _ in range(1)
)
wait("f")  # [f]
