"""What the host calls its processes, targets and paths is never asked of code of the host's."""

from pathlib import Path

from mptrace.records import IMPORT, PROGRAM, START
from tests.hosts import PROGRAMS, failures, records, run


def test_names_that_fail_when_asked_are_not_asked(tmp_path: Path) -> None:
    """The host sees no difference, no patch is switched off, and every start is recorded under some name."""
    plain = run(PROGRAMS / "unspeakable.py", traced=False, folder=tmp_path)
    traced = run(PROGRAMS / "unspeakable.py", traced=True, folder=tmp_path)
    assert plain.stdout.endswith(b"\n[]\n")
    assert (traced.stdout, traced.status) == (plain.stdout, 0)
    assert traced.stderr.count(b"Traceback") == plain.stderr.count(b"Traceback")
    assert traced.run
    assert failures(traced.run) == []
    starts = [(record["process_name"], record["target"]) for record in records(traced.run, START)]
    assert starts[:4] == [(name, "__main__:target") for name in ("<Object>", "word", "7", "plain")]
    assert starts[4:7] == [
        ("called", "__main__:Object"), ("called", "__main__:Object"), ("called", "builtins:method_descriptor")
    ]  # fmt: skip
    assert [name for name, _ in starts[7:]] == ["ForkPoolWorker-8", "last"]
    imports = {record["module"]: record["importer"] for record in records(traced.run, IMPORT)}
    assert (imports["wave"], imports["colorsys"]) == ("<Object>", "__main__")
    assert [(record["program"], record["argv"]) for record in records(traced.run, PROGRAM)] == [
        ("<Once>", ["true", "word"])
    ]
