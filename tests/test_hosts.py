"""Programs under test have room for their sockets, however deep the folder is that they run in."""

import os
from pathlib import Path

from tests import hosts

FORKSERVER = """
import multiprocessing, tempfile
if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        print(pool.apply(abs, (-1,)), tempfile.gettempdir())
"""


def test_host_may_be_at_home_in_a_deep_folder(tmp_path: Path) -> None:
    """Its temporary files, sockets among them, are elsewhere then, and go when the tests end."""
    deep = tmp_path / ("a" * 100)
    deep.mkdir()
    (deep / "app.py").write_text(FORKSERVER)
    outcome = hosts.run(deep / "app.py", traced=True, folder=deep)
    assert (outcome.stdout.decode().split(), outcome.stderr) == (["1", hosts.temporary(deep)], b"")
    assert Path(hosts.temporary(deep)).is_dir()
    hosts.remove_temporary()
    assert not os.path.exists(hosts.temporary(deep))
    hosts.temporary.cache_clear()


def test_host_has_its_temporary_files_at_home() -> None:
    """Where there is room for a socket's path."""
    folder = Path("/" + "a" * (hosts.DEEPEST - 1))
    assert hosts.temporary(folder) == str(folder)
