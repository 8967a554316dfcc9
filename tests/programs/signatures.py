"""Print the signature of each function and method of the modules that start processes, once all have been used."""

import inspect
import multiprocessing.managers
import multiprocessing.popen_forkserver
import multiprocessing.shared_memory
import multiprocessing.util
import os
import re
import runpy
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

MODULES = (
    "_frozen_importlib", "_posixsubprocess", "_thread", "gc", "importlib", "logging", "os", "posix", "runpy",
    "subprocess", "threading",
)  # fmt: skip
PACKAGES = ("concurrent", "multiprocessing")


def target():
    pass


def use():
    subprocess.run(["true"])
    os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)
    for method in ("fork", "spawn", "forkserver"):
        process = multiprocessing.get_context(method).Process(target=target)
        process.start()
        process.join()
    multiprocessing.get_logger()
    # Not by fork: pools have threads, and a fork with threads may hang.
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool, context.Manager() as manager, ProcessPoolExecutor(1, context) as executor:
        manager.list([pool.apply(abs, (1,)), executor.submit(abs, 1).result()]).append(1)
    runpy.run_path(os.devnull)


def show(name, function):
    try:
        signature = str(inspect.signature(function))
    except (TypeError, ValueError) as error:
        signature = f"{type(error).__name__}: {error}"
    text = getattr(function, "__text_signature__", None)
    print(name, re.sub(r"\w*0x[0-9a-f]+|=\{.*\}", "", signature), repr(text), flush=True)


if __name__ == "__main__":
    use()
    for path, module in sorted(sys.modules.items()):
        if path not in MODULES and path.partition(".")[0] not in PACKAGES:
            continue
        for name, thing in sorted(vars(module).items()):
            if name.startswith(("__", "_mptrace")):
                continue
            if callable(thing):
                show(f"{path}.{name}", thing)
            # What has replaced a function may be a class.
            if type(thing) is type and thing.__module__ == path and not hasattr(thing, "__wrapped__"):
                for inner in sorted(vars(thing)):
                    if not inner.startswith("__") and callable(getattr(thing, inner)):
                        show(f"{path}.{name}.{inner}", getattr(thing, inner))
