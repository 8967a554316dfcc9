from stopwatch import wait, work

exec("for _ in range(3):\n    wait('a', 2)\n\n\nwork('a')")  # [a]
eval("wait('b')")  # [b]
code = compile("\n" * 20 + "wait('c')", __file__, "exec")
exec(code)  # [c]
wait("d")  # [d]
