"""Starts programs in every way, and prints which process was which: a word, and the pid of who printed it."""

import os
import pty
import subprocess
import sys
import threading
import time
from multiprocessing import get_context

PYTHON = sys.executable


def python(code):
    return [PYTHON, "-c", f"import os\n{code}"]


def said(word):
    """Return code that prints *word* and its pid."""
    return f"os.write(1, f'{word} {{os.getpid()}}\\n'.encode())"


def say(word):
    os.write(1, f"{word} {os.getpid()}\n".encode())


def fork_directly():
    pid = os.fork()
    if pid == 0:
        say("forked")
        os._exit(3)
    os.waitpid(pid, 0)


def daemonise():
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    if os.fork() == 0:
        middle = os.getpid()
        say("middle")
        if os.fork() == 0:
            while os.getppid() == middle:
                time.sleep(0.001)
            say("daemon")
            os.execv(PYTHON, python(f"{said('service')}; os.write({writer}, b'x')"))
        os._exit(0)
    os.wait()
    os.close(writer)
    os.read(reader, 1)


def use_a_terminal():
    pid, descriptor = pty.fork()
    if pid == 0:
        os.execv(PYTHON, python(said("terminal")))
    output = b""
    try:
        while data := os.read(descriptor, 1024):
            output += data
    except OSError:
        pass
    os.write(1, output.replace(b"\r", b""))
    os.waitpid(pid, 0)


def start_programs():
    subprocess.run([PYTHON, "-c", f"import os\n{said('child')}; raise SystemExit(4)"])
    subprocess.run(python(said("prepared")), preexec_fn=os.getpid)
    subprocess.run(f"{PYTHON} -c 'import os; os.write(1, b\"below %d\\n\" % os.getpid())'; true", shell=True)
    subprocess.run(["sh", "-c", "exit 5"])
    subprocess.run(["sh", "-c", "kill -9 $$"])
    subprocess.run([PYTHON, "-S", "-c", f"import os\n{said('unsited')}"])
    subprocess.run(python(said("untold")), env={"PATH": os.environ["PATH"]})
    subprocess.run([PYTHON, "-I", "-c", f"import os\n{said('isolated')}"])
    os.waitpid(os.posix_spawn(PYTHON, python(said("spawned")), os.environ), 0)
    os.spawnv(os.P_WAIT, PYTHON, python(said("old")))


def start_below(depth):
    """Say who this is, and start the next one in another way."""
    say(f"depth{depth}")
    if depth == 0:
        process = get_context("spawn").Process(target=start_below, args=(1,))
        process.start()
        process.join()
    elif depth == 1:
        process = get_context("fork").Process(target=start_below, args=(2,))
        process.start()
        process.join()
    elif depth == 2:
        if os.fork() == 0:
            say("depth3")
            subprocess.run(python(said("depth4")))
            os._exit(0)
        os.wait()


def start_at_once():
    """Start two programs, and two processes, from two threads at the same time."""
    both = threading.Barrier(2)
    context = get_context("spawn")

    def start(number):
        both.wait()
        subprocess.run(python(said(f"thread{number}")))
        both.wait()
        process = context.Process(target=say, args=(f"process{number}",), name=f"process{number}")
        process.start()
        process.join()

    threads = [threading.Thread(target=start, args=(number,), name=f"starter{number}") for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def execute():
    """Turn into another program after half a second of work."""
    say("before")
    begin = time.process_time()
    while time.process_time() - begin < 0.5:
        pass
    os.execv(PYTHON, python(said("after")))


if __name__ == "__main__":
    say("main")
    for name in sys.argv[1:]:
        globals()[name]() if name != "start_below" else start_below(0)
