"""Where nothing can be written, or somebody has been there before, the host goes on in silence."""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mptrace.records import IMPORT, PROCESS
from mptrace.trace.merge import load
from tests.hosts import PROGRAMS, Outcome, failures, records, run

BUSY = PROGRAMS / "busy.py"


@pytest.fixture(scope="module")
def untraced(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run the busy program without tracing."""
    return run(BUSY, traced=False, folder=tmp_path_factory.mktemp("untraced"))


def traced(folder: Path, *args: str, **env: str) -> Outcome:
    """Run the busy program with tracing, after its arguments."""
    return run(BUSY, traced=True, folder=folder, args=args, env=env)


def seen(outcome: Outcome) -> tuple[bytes, bytes, int]:
    """Return what a run shows to the outside."""
    return outcome.stdout, outcome.stderr, outcome.status


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 256 KiB, which only root may do."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "mptrace-test", disk], check=False, capture_output=True
    ).returncode:
        pytest.skip("this user may not mount a file system")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize("where", ["/proc/nowhere", "/sys/kernel/mptrace", "/dev/null", "/dev/null/below", "x" * 300])
def test_folder_that_cannot_be_made_leaves_the_host_untraced(where: str, untraced: Outcome, tmp_path: Path) -> None:
    """No permission, a file in its place, a name that is too long: nothing is printed, by the host or its children."""
    assert seen(traced(tmp_path, MPTRACE_DIR=where)) == seen(untraced)


def test_folder_that_may_not_be_written_to_leaves_the_host_untraced(untraced: Outcome, tmp_path: Path) -> None:
    """A folder without write permission; root may write to it all the same."""
    locked = tmp_path / "locked"
    locked.mkdir(0o500)
    outcome = traced(tmp_path, MPTRACE_DIR=str(locked))
    assert seen(outcome) == seen(untraced)
    assert bool(list(locked.iterdir())) == (os.geteuid() == 0)


@pytest.mark.parametrize("name", ["with space", "with\nline", "ünïcode", os.fsdecode(b"\xff\xfe"), "deep/er/still"])
def test_folder_with_an_odd_name_is_used(name: str, untraced: Outcome, tmp_path: Path) -> None:
    """Whatever a folder may be called, the run is in it."""
    outcome = traced(tmp_path, MPTRACE_DIR=str(tmp_path / name))
    assert seen(outcome) == seen(untraced)
    assert len(list((tmp_path / name / "latest").glob("*.journal"))) > 4


def test_folder_removed_while_running_leaves_the_host_alone(untraced: Outcome, tmp_path: Path) -> None:
    """The root and its later children go on; what has nowhere to write is untraced."""
    assert seen(traced(tmp_path, "rmtree")) == seen(untraced)


def test_journal_truncated_while_running_leaves_the_host_alone(untraced: Outcome, tmp_path: Path) -> None:
    """Whoever empties a journal loses what was in it, and nothing else."""
    outcome = traced(tmp_path, "truncate")
    assert seen(outcome) == seen(untraced)
    assert outcome.run
    assert {"fractions", "difflib"} <= {record["module"] for record in records(outcome.run, IMPORT)}
    assert failures(outcome.run) == []


def test_full_disk_loses_records_and_says_how_many(small_disk: Path, untraced: Outcome, tmp_path: Path) -> None:
    """What was written before and after is kept; the loss between is on record."""
    outcome = traced(tmp_path, "fill", "free", MPTRACE_DIR=str(small_disk))
    assert seen(outcome) == seen(untraced)
    (folder,) = [path for path in small_disk.iterdir() if path.is_dir() and not path.is_symlink()]
    trace = load([folder])
    modules = {event.module for process in trace.processes for event in process.imports}
    assert {"subprocess", "sched", "fractions", "difflib"} <= modules
    assert any("No space left on device" in failure.error for failure in trace.processes[0].failures)


def test_full_disk_at_the_end_leaves_the_host_alone(small_disk: Path, untraced: Outcome, tmp_path: Path) -> None:
    """Children that cannot write a single record are like untraced ones."""
    assert seen(traced(tmp_path, "fill", MPTRACE_DIR=str(small_disk))) == seen(untraced)


def test_full_disk_from_the_beginning_leaves_the_host_alone(
    small_disk: Path, untraced: Outcome, tmp_path: Path
) -> None:
    """The run's folder can be made there, and nothing be written in it."""
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "filling").write_bytes(bytes(1_000_000))
    assert seen(traced(tmp_path, MPTRACE_DIR=str(small_disk))) == seen(untraced)


def test_file_size_of_nothing_leaves_the_host_alone(tmp_path: Path) -> None:
    """With RLIMIT_FSIZE at 0 nothing can be written to any file."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    program = ("-c", "import json; print('fine')")
    outcome = run(program, traced=True, folder=tmp_path, preexec_fn=limit)
    assert seen(outcome) == (b"fine\n", b"", 0)


def test_word_that_is_neither_on_nor_off_is_reported_once(untraced: Outcome, tmp_path: Path) -> None:
    """One line on standard error, by the root process alone; nothing is traced."""
    outcome = traced(tmp_path, MPTRACE="banana")
    assert (outcome.stdout, outcome.status) == (untraced.stdout, untraced.status)
    (line,) = outcome.stderr.splitlines()
    assert line.startswith(b"mptrace: warning: MPTRACE=banana ")
    assert not (tmp_path / ".mptrace").exists()


def test_word_that_is_neither_on_nor_off_needs_no_standard_error(tmp_path: Path) -> None:
    """Where nobody listens, nothing happens."""

    def close() -> None:
        os.close(2)

    program = ("-c", "print('fine')")
    outcome = run(program, traced=True, folder=tmp_path, env={"MPTRACE": "\udcffanana\n"}, preexec_fn=close)
    assert seen(outcome) == (b"fine\n", b"", 0)


@pytest.mark.parametrize("word", ["", "0", "false", "No", "OFF", " off "])
def test_word_for_off_is_silent(word: str, untraced: Outcome, tmp_path: Path) -> None:
    """Off is off, in any case."""
    assert seen(traced(tmp_path, MPTRACE=word)) == seen(untraced)
    assert not (tmp_path / ".mptrace").exists()


@pytest.mark.parametrize("word", ["1", "true", "Yes", "ON", " on "])
def test_word_for_on_traces(word: str, tmp_path: Path) -> None:
    """On is on, in any case."""
    outcome = run(("-c", "pass"), traced=True, folder=tmp_path, env={"MPTRACE": word})
    assert outcome.run
    assert len(records(outcome.run, PROCESS)) == 1


def test_link_in_place_of_the_run_is_not_followed(untraced: Outcome, tmp_path: Path) -> None:
    """A child whose MPTRACE_RUN is a link, even to a folder of the user's own, writes nothing through it."""
    (tmp_path / "elsewhere").mkdir(0o700)
    (tmp_path / "link").symlink_to("elsewhere")
    assert seen(traced(tmp_path, MPTRACE_RUN=str(tmp_path / "link"))) == seen(untraced)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o707])
def test_run_that_others_may_write_to_is_not_used(mode: int, untraced: Outcome, tmp_path: Path) -> None:
    """Whoever else can write there could plant what we would write to."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(mode)
    assert seen(traced(tmp_path, MPTRACE_RUN=str(folder))) == seen(untraced)
    assert list(folder.iterdir()) == []


def test_run_that_is_a_file_is_not_used(untraced: Outcome, tmp_path: Path) -> None:
    """Nor are a file, a FIFO, and a device."""
    (tmp_path / "file").touch(0o600)
    os.mkfifo(tmp_path / "fifo", 0o600)
    for place in (str(tmp_path / "file"), str(tmp_path / "fifo"), "/dev/null", "relative", "\udcff"):
        assert seen(traced(tmp_path, MPTRACE_RUN=place)) == seen(untraced)
    assert (tmp_path / "file").read_bytes() == b""


def plant(folder: Path, treasure: Path) -> None:
    """Put into a run's folder what is called a journal and is none."""
    os.mkfifo(folder / "1-0-00000000.journal", 0o600)
    (folder / "2-0-00000000.journal").symlink_to(treasure)
    (folder / "3-0-00000000.journal").mkdir()
    (folder / "4-0-00000000.journal").symlink_to("/dev/zero")


def test_planted_journals_are_neither_written_nor_followed(untraced: Outcome, tmp_path: Path) -> None:
    """FIFOs, links and folders called journals change nothing for the host, and are named when the run is read."""
    folder, treasure = tmp_path / "run", tmp_path / "treasure"
    folder.mkdir(0o700)
    treasure.write_text("secret")
    plant(folder, treasure)
    assert seen(traced(tmp_path, MPTRACE_RUN=str(folder))) == seen(untraced)
    assert treasure.read_text() == "secret"
    trace = load([folder])
    assert len(trace.processes) > 4
    for number in (1, 2, 3, 4):
        assert any(f"{number}-0-00000000.journal" in warning for warning in trace.warnings)


def test_planted_latest_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """A link called latest that leads elsewhere is replaced, and nothing is written where it led."""
    directory = tmp_path / ".mptrace"
    directory.mkdir(0o700)
    (tmp_path / "elsewhere").mkdir()
    (directory / "latest").symlink_to(tmp_path / "elsewhere")
    outcome = run(("-c", "pass"), traced=True, folder=tmp_path)
    assert outcome.run
    assert outcome.run.parent == directory
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_run_is_private_whatever_the_umask(tmp_path: Path) -> None:
    """Folders are 0700, files 0600."""

    def open_up() -> None:
        os.umask(0)

    outcome = run(BUSY, traced=True, folder=tmp_path, preexec_fn=open_up)
    assert outcome.run
    modes: dict[Any, set[int]] = {}
    for path in (outcome.run, *outcome.run.iterdir()):
        modes.setdefault(path.is_dir(), set()).add(path.stat().st_mode & 0o777)
    assert modes == {True: {0o700}, False: {0o600}}


def test_relative_folder_stays_where_the_root_process_began(tmp_path: Path) -> None:
    """Children that begin elsewhere write to the same run."""
    program = (
        "import os, subprocess, sys; os.chdir('/'); subprocess.run([sys.executable, '-c', 'import json'], check=True)"
    )
    outcome = run(("-c", program), traced=True, folder=tmp_path, env={"MPTRACE_DIR": ".mptrace"})
    assert seen(outcome) == (b"", b"", 0)
    assert outcome.run
    assert len(records(outcome.run, PROCESS)) == 2
