from stopwatch import fail, wait, work

try:
    try:
        fail("a")  # [a]
    finally:
        wait("b")  # [b]
        work("c")  # [c]
except ValueError:
    wait("d")  # [d]
finally:
    wait("e")  # [e]
try:
    wait("f")  # [f]
finally:
    wait("g")  # [g]
