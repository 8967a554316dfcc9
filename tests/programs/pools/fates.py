"""Makes a pool that fares as its first argument says, with the start method of the second."""

import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool


def die():
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail():
    """Fail at once."""
    raise ValueError("planted")


def die_once():
    """Be killed, but for the second time."""
    try:
        os.close(os.open("died", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    die()


def idle(context):
    """Two workers have nothing to do."""
    pool = context.Pool(2, time.sleep, (0.01,))
    time.sleep(0.5)
    pool.close()
    pool.join()


def idle_in_executor(context):
    """Of two workers one has nothing to do: forked ones are started all at once."""
    with ProcessPoolExecutor(2, context) as executor:
        executor.submit(time.sleep, 0.3).result()


def replaced(context):
    """Each task has a worker of its own."""
    pool = context.Pool(1, maxtasksperchild=1)
    for number in range(3):
        pool.apply(abs, (number,))
    pool.close()
    pool.join()


def replaced_in_executor(context):
    """Each task of an executor has a worker of its own."""
    with ProcessPoolExecutor(1, context, max_tasks_per_child=1) as executor:
        for number in range(3):
            executor.submit(abs, number).result()


def killed_in_initializer(context):
    """The first worker is killed before it is ready, and replaced."""
    pool = context.Pool(1, die_once)
    pool.apply(abs, (1,))
    pool.close()
    pool.join()


def killed_in_task(context):
    """The worker is killed in its first task."""
    with ProcessPoolExecutor(1, context) as executor:
        try:
            executor.submit(die).result()
        except BrokenProcessPool:
            pass


def failing_initializer(context):
    """The worker never becomes ready."""
    with ProcessPoolExecutor(1, context, fail) as executor:
        try:
            executor.submit(abs, 1).result()
        except BrokenProcessPool:
            pass


def declared(context):
    """The worker says itself when it is ready."""
    pool = context.Pool(1, time.sleep, (0.01,))
    pool.apply(declare)
    pool.close()
    pool.join()


def declare():
    """Be ready, in a task."""
    import mptrace

    time.sleep(0.05)
    mptrace.ready()


def unmade(context):
    """A pool of nothing is not made; one of threads is no pool of processes."""
    from multiprocessing.pool import ThreadPool

    try:
        context.Pool(0)
    except ValueError:
        pass
    with ThreadPool(1) as threads:
        threads.map(abs, [1])


if __name__ == "__main__":
    globals()[sys.argv[1]](multiprocessing.get_context(sys.argv[2]))
