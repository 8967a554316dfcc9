"""Finalizers that start programs, fork and make locks when Python is ending, with most modules gone."""

import builtins
import logging
import multiprocessing
import os
import subprocess
import sys


class Late:
    def __init__(self):
        self.kept = (subprocess.Popen, multiprocessing.Lock, os.fork, os._exit, os.waitpid, logging.getLogger(), print)

    def __del__(self):
        popen, lock, fork, leave, wait, logger, say = self.kept

        def fork_one():
            pid = fork()
            if not pid:
                leave(3)
            return wait(pid, 0)[1]

        for act in (lambda: popen(["true"]).wait(), fork_one, lock):
            try:
                say(type(act()).__name__)
            except BaseException as error:
                say(type(error).__name__, error)
        logger.warning("late")


of_the_module = Late()
builtins.of_the_builtins = Late()
sys.of_sys = Late()
