from stopwatch import wait, work

result = dict(  # [a]
    one=wait("a", 4),
    two=[
        work("a", 3),

        # A comment between.
        wait("a", 2),
    ],
)
other = (wait("b", 3) +  # [b]
         wait("b", 3) +
         wait("b", 3))
text = wait("c") + str(  # [c]
    1
) + \
    wait("c")
