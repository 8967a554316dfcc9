"""Record a span in the main thread and in two others at the same time, and print their native ids."""

import threading

from mptrace import span

barrier = threading.Barrier(3)


def work(name: str) -> None:
    with span(name):
        barrier.wait()
        print(name, threading.get_native_id(), flush=True)
        barrier.wait()


threads = [threading.Thread(target=work, args=(name,), name=name) for name in ("a", "b")]
for thread in threads:
    thread.start()
work("main")
for thread in threads:
    thread.join()
