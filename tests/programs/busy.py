"""Does a little of everything that is recorded, and says how it went. Its arguments are done first.

``rmtree`` removes the run's folder, ``truncate`` empties the journals in it, ``fill`` fills the file system that it is
on, ``free`` makes room again.
"""

import os
import subprocess
import sys
from pathlib import Path


def before(word):
    """Do what an argument says."""
    run = Path(os.environ.get("MPTRACE_RUN", "/nowhere"))
    if word == "rmtree":
        subprocess.run(["rm", "-rf", str(run.parent)], check=True)
    elif word == "truncate":
        for journal in run.glob("*.journal"):
            os.truncate(journal, 0)
    elif word == "fill":
        with open(run.parent / "filling", "wb", 0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        import asyncio  # some hundred modules: more than the last page of a journal has room for
        import http.client
    elif word == "free":
        (run.parent / "filling").unlink()
        import sched


def target():
    """Import something in a child."""
    import fractions


def main():
    import multiprocessing

    for method in ("fork", "spawn", "forkserver"):
        process = multiprocessing.get_context(method).Process(target=target)
        process.start()
        process.join()
        print(method, process.exitcode, flush=True)
    print(subprocess.run([sys.executable, "-c", "import difflib; print('below')"], capture_output=True), flush=True)
    pid = os.fork()
    if pid == 0:
        os._exit(3)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        before(argument)
    main()
