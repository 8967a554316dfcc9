"""``mptrace list``."""

import json
import os
from pathlib import Path

from tests.commands.shell import mptrace


def stored(folder: Path, name: str, argv: list[str], began: int, ended: int, pids: int) -> None:
    """Leave behind a run that began and ended at these seconds."""
    run = folder / ".mptrace" / name
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps({"argv": argv}))
    os.utime(run / "run.json", (began, began))
    for pid in range(pids):
        journal = run / f"{pid}-1-a.journal"
        journal.touch()
        os.utime(journal, (ended, ended))


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    """Name, begin, number of processes, duration, and what was run."""
    stored(tmp_path, "20260101T000000Z-9", ["/bin/python", "old.py"], 1767225600, 1767225602, 3)
    stored(tmp_path, "20260101T000001Z-8", ["/bin/python", "new.py"], 1767225601, 1767225701, 1)
    outcome = mptrace(tmp_path, "list", TZ="UTC")
    assert outcome.status == 0
    assert outcome.stdout == (
        "run                        began               processes   duration  program\n"
        "20260101T000001Z-8         2026-01-01 00:00:01         1    100.0 s  python new.py\n"
        "20260101T000000Z-9         2026-01-01 00:00:00         3   2,000 ms  python old.py\n"
    )


def test_runs_of_the_same_second_keep_their_order(tmp_path: Path) -> None:
    """The pid in a name says nothing about which came first."""
    stored(tmp_path, "20260101T000000Z-100", ["a"], 1767225600, 1767225600, 1)
    stored(tmp_path, "20260101T000000Z-20", ["b"], 1767225601, 1767225601, 1)
    assert [line.split()[-1] for line in mptrace(tmp_path, "list").stdout.splitlines()] == ["program", "b", "a"]


def test_no_runs_is_said(tmp_path: Path) -> None:
    """There need not even be a folder."""
    assert mptrace(tmp_path, "list").stdout == "No runs in .mptrace.\n"
    assert mptrace(tmp_path, "list", MPTRACE_DIR="x").stdout == "No runs in x.\n"


def test_own_runs_are_left_out(tmp_path: Path) -> None:
    """With MPTRACE=1 set for the whole shell, mptrace's own commands make runs that nobody asked for."""
    stored(tmp_path, "20260101T000000Z-1", ["/bin/python", "app.py"], 1767225600, 1767225602, 1)
    stored(
        tmp_path, "20260101T000001Z-2", ["/bin/python", "-B", "/venv/bin/mptrace", "list"], 1767225601, 1767225602, 1
    )
    stored(tmp_path, "20260101T000001Z-3", ["/bin/python", "-m", "mptrace", "list"], 1767225601, 1767225602, 1)
    lines = mptrace(tmp_path, "list", MPTRACE="1").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "20260101T000000Z-1"]


def test_what_is_no_run_is_passed_over(tmp_path: Path) -> None:
    """Links, other folders, and a run.json that cannot be read."""
    stored(tmp_path, "20260101T000000Z-1", ["app"], 1767225600, 1767225602, 1)
    (tmp_path / ".mptrace" / "latest").symlink_to("20260101T000000Z-1")
    (tmp_path / ".mptrace" / "20260101T000000Z-2").symlink_to("20260101T000000Z-1")
    (tmp_path / ".mptrace" / "notes").mkdir()
    (tmp_path / ".mptrace" / "20260101T000000Z-1" / "run.json").write_text("{")
    lines = mptrace(tmp_path, "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "20260101T000000Z-1"]
    assert lines[1].endswith(" ?")


def test_what_is_no_journal_is_not_counted(tmp_path: Path) -> None:
    """A link that leads nowhere, a pipe or a folder among the journals of a run hides no run."""
    stored(tmp_path, "20260101T000000Z-1", ["app"], 1767225600, 1767225602, 1)
    run = tmp_path / ".mptrace" / "20260101T000000Z-1"
    (run / "7-1-a.journal").symlink_to("nowhere")
    os.mkfifo(run / "8-1-a.journal")
    (run / "9-1-a.journal").mkdir()
    outcome = mptrace(tmp_path, "list")
    assert (outcome.status, outcome.stderr) == (0, "")
    assert outcome.stdout.splitlines()[1].split()[3:] == ["1", "2,000", "ms", "app"]
