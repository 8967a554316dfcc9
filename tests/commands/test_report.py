"""``mptrace report``: which run, in which form, to where."""

import json
from pathlib import Path

import pytest

from tests.commands.shell import mptrace, runs


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a folder in which a program has been traced."""
    (tmp_path / "app.py").write_text("import json")
    assert mptrace(tmp_path, "run", "--quiet", "app.py").status == 0
    return tmp_path


def test_latest_run_is_reported(here: Path) -> None:
    """Without a name it is the newest run under .mptrace, or MPTRACE_DIR."""
    first = mptrace(here, "report")
    assert (first.status, first.stderr) == (0, "")
    assert runs(here)[0].name in first.stdout
    assert "\x1b" not in first.stdout
    (here / "deeper").mkdir()
    assert mptrace(here / "deeper", "report", MPTRACE_DIR=str(here / ".mptrace")).stdout == first.stdout


def test_run_can_be_named(here: Path) -> None:
    """By its folder, or by the link to the latest."""
    latest = mptrace(here, "report").stdout
    assert mptrace(here, "report", str(runs(here)[0])).stdout == latest
    assert mptrace(here, "report", ".mptrace/latest").stdout == latest


def test_report_does_not_report_itself(here: Path) -> None:
    """With MPTRACE=1 set for the whole shell, the latest run is still the program's."""
    mptrace(here, "list", MPTRACE="1")
    assert mptrace(here, "report", MPTRACE="1").stdout.splitlines()[0].endswith(" app.py")


def test_json(here: Path) -> None:
    """For programs, with the schema that is promised."""
    said = json.loads(mptrace(here, "report", "--format", "json").stdout)
    assert said["schema"] == 1
    assert said["run"]["id"] == runs(here)[0].name
    assert [process["role"] for process in said["processes"]] == ["main"]
    assert "json" in [cost["module"] for cost in said["imports"]]


def test_html(here: Path) -> None:
    """For a browser, in one file."""
    said = mptrace(here, "report", "--format", "html")
    assert (said.status, said.stderr) == (0, "")
    assert said.stdout.startswith("<!doctype html>")
    assert runs(here)[0].name in said.stdout


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_report_can_go_to_a_file(here: Path, form: str) -> None:
    """-o writes what would have been printed."""
    printed = mptrace(here, "report", "--format", form).stdout
    outcome = mptrace(here, "report", "--format", form, "-o", "report.out")
    assert (outcome.stdout, outcome.stderr, outcome.status) == ("", "", 0)
    assert (here / "report.out").read_text() == printed


def test_file_that_has_no_room_is_named(here: Path) -> None:
    """As any other that cannot be written."""
    outcome = mptrace(here, "report", "--format", "json", "-o", "/dev/full")
    assert outcome.status == 1
    assert outcome.stderr == "mptrace: error: cannot write to '/dev/full': No space left on device\n"


def test_no_run_is_one_line(tmp_path: Path) -> None:
    """And says how to make one."""
    outcome = mptrace(tmp_path, "report")
    assert (outcome.stdout, outcome.status) == ("", 1)
    remedy = "make one with `mptrace run -- PROGRAM`, or name a run's folder"
    assert outcome.stderr == f"mptrace: error: there is no run in '.mptrace': {remedy}\n"


def test_what_is_not_a_run_is_one_line(tmp_path: Path) -> None:
    """A folder that is not there, or that holds something else."""
    gone = mptrace(tmp_path, "report", "gone")
    assert (gone.stderr, gone.status) == ("mptrace: error: there is no folder 'gone'\n", 1)
    other = mptrace(tmp_path, "report", str(tmp_path))
    assert other.status == 1
    assert other.stderr.startswith(f"mptrace: error: '{tmp_path}' is not the folder of a run")


def test_run_without_journals_is_one_line(here: Path) -> None:
    """Nobody reported: there is nothing to say about start-up."""
    for journal in runs(here)[0].glob("*.journal"):
        journal.unlink()
    outcome = mptrace(here, "report")
    assert (outcome.stdout, outcome.status) == ("", 1)
    assert outcome.stderr.startswith(f"mptrace: error: no process has reported to .mptrace/{runs(here)[0].name}")


def test_foreign_files_in_a_run_are_named(here: Path) -> None:
    """A journal that is a link or a pipe is neither followed nor waited for, and nothing else is lost."""
    run = runs(here)[0]
    (run / "1-link.journal").symlink_to("/etc/passwd")
    (run / "1-empty.journal").touch()
    text = mptrace(here, "report").stdout
    assert "1-link.journal" in text
    assert "1-empty.journal" in text
    assert "json" in text
