"""Turn tracing on and off while running, and run children with it and without it, by the start method given."""

import multiprocessing
import subprocess
import sys

import mptrace
from mptrace import span, traced


@traced
def work(name: str) -> None:
    print(name, mptrace.is_enabled(), flush=True)


def run_children(word: str) -> None:
    process = multiprocessing.get_context(sys.argv[1]).Process(target=work, args=(f"{word}-child",), name=f"{word}-child")
    process.start()
    process.join()
    program = f"import mptrace; print('{word}-program', mptrace.is_enabled())"
    subprocess.run([sys.executable, "-c", program], check=True)


if __name__ == "__main__":
    with span("before"):
        pass
    run_folder = mptrace.start("runs")
    assert mptrace.start("elsewhere") == run_folder
    with span("during"):
        work("on")
        run_children("on")
    mptrace.stop()
    mptrace.stop()
    with span("after"):
        work("off")
        # A forkserver lives on with the environment in which it was started.
        if sys.argv[1] != "forkserver":
            run_children("off")
