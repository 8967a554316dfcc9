from stopwatch import wait

wait("a")  # [a]
try:
    import failing_module  # [b]
except ValueError:
    wait("c")  # [c]
wait("d")  # [d]
import failing_module  # [e]

wait("never")
