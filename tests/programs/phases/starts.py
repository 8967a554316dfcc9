"""Starts that fail, that begin inside others, or at once: the one that is named on the command line."""

import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.util import spawnv_passfds


def work(*_args):
    pass


class Nested:
    """Pickling it starts a process."""

    def __init__(self, context):
        self.context = context

    def __reduce__(self):
        process = self.context.Process(target=work, name="inner")
        process.start()
        process.join()
        return object, ()


def start(context, name, *args):
    process = context.Process(target=work, name=name, args=args)
    process.start()
    process.join()


def unpicklable(context):
    try:
        start(context, "bad", lambda: None)
    except Exception:
        # This one is not failing, though an exception is being handled.
        start(context, "good")


def twice(context):
    process = context.Process(target=work, name="twice")
    process.start()
    process.join()
    try:
        process.start()
    except AssertionError:
        pass
    start(context, "good")


def nested(context):
    start(context, "outer", Nested(context))


def at_once(context):
    threads = [threading.Thread(target=start, args=(context, f"thread-{number}", bytes(1 << 20))) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def interrupted(context):
    """The child reads nothing; before 3.14 start() would wait for ever, for it holds the reading end itself."""

    def interrupt(*_args):
        raise OSError

    context.set_executable("/bin/true")
    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        start(context, "true", bytes(1 << 20))
    except OSError:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Launched:
    """What another library has in the place of multiprocessing's Popen."""

    sentinel = None

    def __init__(self, process):
        self.pid = spawnv_passfds(os.fsencode(sys.executable), [sys.executable, "-c", ""], [])


class Elsewhere(multiprocessing.Process):
    _start_method = "elsewhere"
    _Popen = staticmethod(Launched)


class Undivided(Elsewhere):
    _start_method = "spawn"


def undivided(context):
    elsewhere(context, Undivided)


def elsewhere(_context, kind=Elsewhere):
    process = kind(target=work, name="elsewhere")
    process.start()
    os.waitpid(process._popen.pid, 0)
    multiprocessing.process._children.clear()


def proxied(context):
    # The class of a proxy has a property where others have their module.
    proxy = type("Proxy", (), {"__module__": property(lambda self: "m"), "__call__": work})
    process = context.Process(target=proxy(), name="proxy")
    process.start()
    process.join()
    start(context, "good")


if __name__ == "__main__":
    method, name = sys.argv[1:]
    globals()[name](multiprocessing.get_context(method))
