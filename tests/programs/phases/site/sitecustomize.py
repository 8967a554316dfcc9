"""Slow in the `site` phase of a spawned child, or in finding what it imports of multiprocessing."""

import sys

from plants import wait_if


class Finder:
    """Finds nothing."""

    @staticmethod
    def find_spec(name, _path=None, _target=None):
        if name == "multiprocessing.spawn":
            wait_if("bootstrap-import")


if "--multiprocessing-fork" in sys.orig_argv:
    wait_if("site")
    sys.meta_path.insert(0, Finder)
