"""Names, targets and paths that tell when they are asked what they are called, and then fail."""

import enum
import importlib
import multiprocessing
import os
import threading

asked = []


def refuse(self, *_):
    asked.append(type(self).__name__)
    raise RuntimeError("it has no name")


class Meta(type):
    __module__ = property(refuse)
    __repr__ = __str__ = refuse


class Object(metaclass=Meta):
    __str__ = __repr__ = __format__ = __eq__ = refuse
    __hash__ = None

    def __call__(self, *_):
        return None


class Word(str):
    __str__ = __repr__ = __format__ = isprintable = refuse


class Once(Object):
    """A path that can be asked once."""

    __fspath__ = lambda self: os.fspath(self.paths.pop())
    paths = ["/bin/true"]


class Named(threading.Thread):
    name = property(refuse, refuse)


class Module(str, enum.Enum):
    COLOURS = "colorsys"


def target():
    pass


def start(context, **options):
    process = context.Process(**options)
    if "name" in options:
        process._name = options["name"]  # the name of which no string is made
    process.start()
    process.join()
    print(process.exitcode, process.pid is not None)


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    for name in (Object(), Word("word"), 7, "plain"):
        start(context, target=target, name=name)
    for callee in (Object(), Object, Word.upper):
        start(context, target=callee, args=("x",), name="called")
    exec("import wave", {"__name__": Object()})
    print(importlib.import_module(Module.COLOURS).__name__)
    thread = Named(target=os.getpid)
    thread.start()
    thread.join()
    pid = os.posix_spawn(Once(), ["true", Word("word")], os.environ)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    with context.Pool(1, Object()) as pool:
        print(pool.apply(abs, (-1,)))
    start(context, target=target, name="last")
    print(asked)
