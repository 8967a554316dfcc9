"""What a host does in its last finalizers, when Python has taken our modules away, goes on as without us."""

from pathlib import Path

from tests.hosts import PROGRAMS, failures, run


def test_finalizers_of_the_last_objects_see_no_difference(tmp_path: Path) -> None:
    """Nothing is printed by us, and no patch is said to have failed."""
    plain = run(PROGRAMS / "finalizing.py", traced=False, folder=tmp_path)
    traced = run(PROGRAMS / "finalizing.py", traced=True, folder=tmp_path, env={"MPTRACE_STRICT": ""})
    assert b"late\n" in plain.stderr
    assert (traced.stdout, traced.stderr, traced.status) == (plain.stdout, plain.stderr, plain.status)
    assert traced.run
    assert failures(traced.run) == []
