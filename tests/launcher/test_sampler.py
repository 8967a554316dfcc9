"""What the sampler sees of processes from outside."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mptrace.launcher.journal import LauncherJournal
from mptrace.launcher.sampler import Sampler
from mptrace.records import SAMPLE


@pytest.fixture
def sampler(tmp_path: Path) -> Iterator[Sampler]:
    """Return a sampler that is asked, never started."""
    journal = LauncherJournal(str(tmp_path))
    yield Sampler(str(tmp_path), journal)
    journal.close()


def samples(folder: Path) -> list[tuple[int, str, dict[str, int]]]:
    """Return what was written: pid, name, values."""
    records = [json.loads(line) for line in (folder / "launcher.journal").read_text().splitlines()]
    return [(pid, name, values) for kind, _, pid, name, values in records if kind == SAMPLE]


def test_only_processes_with_a_journal_are_sampled(tmp_path: Path, sampler: Sampler) -> None:
    """Memory and CPU of this process are read once it keeps a journal, and of no other."""
    sampler.sample()
    assert samples(tmp_path) == []
    (tmp_path / f"{os.getpid()}-1-a.journal").touch()
    sampler.sample()
    (pid, memory, amounts), (_, cpu, times) = samples(tmp_path)
    assert (pid, memory, cpu) == (os.getpid(), "memory", "cpu")
    assert 1 << 20 < amounts["anonymous"] < amounts["rss"] < 1 << 33
    assert times["on_cpu_ns"] > 0
    assert times["runqueue_ns"] >= 0


def test_process_that_has_ended_is_forgotten(tmp_path: Path, sampler: Sampler) -> None:
    """A pid is sampled while its process lives; a zombie uses nothing."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (tmp_path / f"{process.pid}-1-a.journal").touch()
    sampler.sample()
    before = len(samples(tmp_path))
    os.kill(process.pid, 9)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    sampler.sample()
    process.communicate()
    sampler.sample()
    assert (before, len(samples(tmp_path))) == (2, 2)


def test_foreign_names_are_passed_over(tmp_path: Path, sampler: Sampler) -> None:
    """Files that no traced process made are not taken for pids."""
    for name in ("run.json", "x-1.journal", f"{os.getpid()}-1.txt", "99999999-1-a.journal"):
        (tmp_path / name).touch()
    sampler.sample()
    assert samples(tmp_path) == []


def test_sampling_ends_where_it_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is gone ends the sampler's thread without a word: the program goes on."""
    folder = tmp_path / "run"
    folder.mkdir()
    journal = LauncherJournal(str(folder))
    sampler = Sampler(str(folder), journal)
    (folder / "launcher.journal").unlink()
    folder.rmdir()
    sampler.start()
    sampler.stop(grace_seconds=0)
    journal.close()
    with pytest.raises(FileNotFoundError):
        sampler.sample()
