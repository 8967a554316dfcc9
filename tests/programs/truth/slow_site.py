"""Spawns two children in an environment whose sitecustomize takes 200 ms: it is on PYTHONPATH."""

import multiprocessing


def work() -> None:
    """Be the target of a child."""


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    for _ in range(2):
        child = context.Process(target=work)
        child.start()
        child.join()
