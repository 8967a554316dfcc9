import threading

from stopwatch import wait, work


def idle():
    for _ in range(30):
        finished.wait(0.002)


finished = threading.Event()
threads = [threading.Thread(target=idle) for _ in range(4)]
for thread in threads:
    thread.start()
wait("a", 15)  # [a]
work("b", 15)  # [b]
finished.set()
for thread in threads:
    thread.join()
late = threading.Thread(target=wait, args=("c", 15))
late.start()
late.join()  # [c]
wait("d")  # [d]
