"""Starts children by itself, and waits for them in every way there is; says what each way told it."""

import os
import signal
import sys
import time


def killed(number: int) -> int:
    """Fork a child that is killed before long, and return its pid."""
    pid = os.fork()
    if not pid:
        signal.signal(number, signal.SIG_DFL)
        while True:
            time.sleep(1)
    os.kill(pid, number)
    return pid


def exited(status: int) -> int:
    """Start a program that is not Python, and return its pid."""
    return os.posix_spawn("/bin/sh", ["sh", "-c", f"exit {status}"], os.environ)


def stopped() -> int:
    """Start a program that stops, and is killed when that was told."""
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "kill -STOP $$"], os.environ)
    assert os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
    assert os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOHANG) is None
    os.kill(pid, signal.SIGKILL)
    return pid


def say(pid: int, told: object) -> None:
    """Say how a child ended."""
    print(pid, told, flush=True)


pid = exited(3)
say(pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
pid = exited(4)
say(pid, os.waitstatus_to_exitcode(os.wait()[1]))
pid = killed(signal.SIGTERM)
say(pid, os.waitstatus_to_exitcode(os.wait3(0)[1]))
pid = killed(signal.SIGKILL)
say(pid, os.waitstatus_to_exitcode(os.wait4(pid, 0)[1]))
pid = stopped()
say(pid, -os.waitid(os.P_PID, pid, os.WEXITED).si_status)
try:
    os.waitpid(pid, 0)
except ChildProcessError:
    sys.exit(0)
