import sys

from stopwatch import wait, work


def main():
    wait("b", 20)
    return 3


wait("a")  # [a]
sys.exit(main())  # [b]
wait("never")
