"""Start one child that is slow to be ready, wait for it for so many seconds, and kill it if it is not done then.

    slow_child.py METHOD HOW SLOW_S PATIENCE_S    HOW: sleep, busy, or native (hang in C, with the GIL, for ever)
"""

import multiprocessing
import os
import sys
import threading
import time
import warnings

method, how, slow_s, patience_s = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])


def be_slow():
    if how == "native":
        import ctypes

        ctypes.PyDLL(None).pause()
    elif how == "sleep":
        time.sleep(slow_s)
    else:
        end = time.monotonic() + slow_s
        while time.monotonic() < end:
            exec(compile("def f(): return [n for n in range(100)]\nf()", "<text>", "exec"), {})


class Slow:
    def __reduce__(self):
        return be_slow, ()  # where it is unpickled


def child(_):
    print(len(os.listdir("/proc/self/task")), "faulthandler" in sys.modules, flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if method == "fork":
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        os.register_at_fork(after_in_child=be_slow)
    process = multiprocessing.get_context(method).Process(target=child, args=(Slow(),))
    process.start()
    process.join(patience_s)
    process.kill()
    process.join()
    print(process.exitcode, flush=True)
    os._exit(0)
