from stopwatch import wait, work


def main():
    work("b", 3)
    wait("b", 3)


wait("a")  # [a]
if __name__ in ("__main__", "__mp_main__"):
    main()  # [b]
    wait("c")  # [c]
