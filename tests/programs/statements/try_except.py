from stopwatch import fail, wait, work

try:
    wait("a")  # [a]
    fail("b")  # [b]
    wait("never")
except KeyError:
    wait("never")
except (OSError, ValueError) as error:
    wait("c")  # [c]
else:
    wait("never")
try:
    work("d")  # [d]
except ValueError:
    wait("never")
else:
    wait("e")  # [e]
wait("f")  # [f]
