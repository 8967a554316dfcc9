import threading

from stopwatch import wait, work


def load():
    import slow_other


loader = threading.Thread(target=load)
loader.start()
wait("e", 15)  # [e]
loader.join()
loader = threading.Thread(target=exec, args=("import slow_package",))
loader.start()
import slow_module  # [a]

loader.join()
wait("f", 15)  # [f]
