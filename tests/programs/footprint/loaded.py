"""Start one process by the method named on the command line; it and this one print which modules they have loaded."""

import multiprocessing
import sys


def show(role: str) -> None:
    """Print the names of all modules, after the role of this process."""
    print(role, *sys.modules, flush=True)


if __name__ == "__main__":
    process = multiprocessing.get_context(sys.argv[1]).Process(target=show, args=("child",))
    process.start()
    process.join()
    show("parent")
