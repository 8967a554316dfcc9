import os

from stopwatch import wait, work

wait("a")  # [a]
pid = os.fork()
if not pid:
    os._exit(0)
os.waitpid(pid, 0)
wait("b")  # [b]
work("c")  # [c]
