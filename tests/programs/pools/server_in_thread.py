"""Starts a Manager whose server is a thread of this process, as ansible does, and calls it."""

import multiprocessing
import threading
from multiprocessing.managers import BaseManager
from multiprocessing.process import BaseProcess


told = threading.Event()


class Thread(BaseProcess):
    """What its context calls a process."""

    def start(self):
        """Run the target in a thread, and wait until the server has said its address."""
        threading.Thread(target=self._target, args=self._args, daemon=True).start()
        told.wait()


class Context(type(multiprocessing.get_context("fork"))):
    """A context that starts no process."""

    Process = Thread


class Manager(BaseManager):
    """A manager of that context, whose server handles no signals."""

    @classmethod
    def _run_server(cls, registry, address, authkey, serializer, writer, *_):
        server = cls._Server(registry, address, authkey, serializer)
        writer.send(server.address)
        told.set()
        server.serve_forever()


Manager.register("share", lambda: [3, 4])

if __name__ == "__main__":
    multiprocessing.current_process().authkey = b"key"
    manager = Manager(authkey=b"key", ctx=Context())
    manager.start()
    print(manager.share(), flush=True)
