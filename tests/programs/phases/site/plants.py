"""What of these programs is slow where the environment says so."""

import os
from time import sleep

METHOD = os.environ.get("METHOD", "")
PLANT = os.environ.get("PLANT", "")


def wait_if(plant):
    if plant == PLANT:
        sleep(0.05)


class Slow:
    """Passed to each child: slow to pickle, or to unpickle."""

    def __reduce__(self):
        wait_if("pickle")
        return Slow, (), {"is_slow": True}

    def __setstate__(self, state):
        wait_if("unpickle")
        wait_if("send-unpickle")


class Name(str):
    """A process's name: what is pickled of it first is received before the main module runs, and may be slow then."""

    def __reduce__(self):
        name, self.sent = str(self), hasattr(self, "sent")
        return (str if self.sent else received), (name,)


def received(name):
    wait_if("receive")
    return name
