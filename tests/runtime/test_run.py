"""run.json says what the machine allows: CPUs, affinity, and the quota of the cgroup, of either version."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mptrace.runtime import clock
from mptrace.runtime import run as running

NESTED = "/kubepods/pod1"


def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Return what is said of a run in a process whose cgroups are *own*, with *files* under /sys/fs/cgroup."""
    mount = tmp_path / "cgroup"
    for name, content in files.items():
        (mount / name).parent.mkdir(parents=True, exist_ok=True)
        (mount / name).write_text(content)
    own_file = tmp_path / "own"
    own_file.write_text(own)
    read = clock.read_file
    monkeypatch.setattr(clock, "read_file", lambda path: read(str(own_file) if path == "/proc/self/cgroup" else path))
    monkeypatch.setattr(running, "CGROUPS", str(mount))
    folder = tmp_path / "run"
    folder.mkdir()
    running.describe(str(folder), ["python", "app.py"])
    said: dict[str, Any] = json.loads((folder / "run.json").read_text())
    quota = folder / "quota"
    said["quota_file"] = quota.read_text().removeprefix(f"{mount}/") if quota.exists() else None
    if said["cpu_quota"]:
        said["cpu_quota"]["cgroup"] = said["cpu_quota"]["cgroup"].removeprefix(f"{mount}/")
    return said


@pytest.mark.parametrize(
    ("own", "files", "quota"),
    [
        ("0::/\n", {}, None),
        ("0::/app\n", {"app/cpu.max": "max 100000\n"}, None),
        ("0::/app\n", {"app/cpu.max": "50000 100000\n"}, (50_000, 100_000, "app")),
        # The tightest of those around it counts, however deep it is.
        (f"0::{NESTED}\n", {"kubepods/cpu.max": "50000 100000\n"}, (50_000, 100_000, "kubepods")),
        (
            f"0::{NESTED}\n",
            {"kubepods/cpu.max": "50000 100000\n", "kubepods/pod1/cpu.max": "20000 100000\n"},
            (20_000, 100_000, "kubepods/pod1"),
        ),
        (
            f"0::{NESTED}\n",
            {"kubepods/cpu.max": "5000 100000\n", "kubepods/pod1/cpu.max": "20000 100000\n"},
            (5_000, 100_000, "kubepods"),
        ),
        # Version 1, without and with a quota; what other controllers and the unified hierarchy say is not asked.
        ("4:memory:/a\n1:cpu,cpuacct:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        (
            "2:cpuacct,cpu:/app\n0::/\n",
            {"cpu/app/cpu.cfs_quota_us": "150000\n", "cpu/app/cpu.cfs_period_us": "50000\n"},
            (150_000, 50_000, "cpu/app"),
        ),
        # In a container, the path is that of the host's mount, and the root of ours is what limits us.
        ("0::/docker/1\n", {"cpu.max": "100000 100000\n"}, (100_000, 100_000, "")),
        ("0::/../outside\n", {"cpu.max": "100000 100000\n"}, (100_000, 100_000, "")),
        ("0::/app\n", {"app/cpu.max": "nonsense\n"}, None),
    ],
)  # fmt: skip
def test_quota_is_that_of_the_cgroup_or_one_around_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own: str,
    files: Mapping[str, str],
    quota: tuple[int, int, str] | None,
) -> None:
    """The tightest quota is in run.json; a file beside it leads the children to its statistics."""
    said = described(tmp_path, monkeypatch, own, files)
    folder = str(tmp_path / "cgroup") if quota and not quota[2] else quota and quota[2]
    expected = quota and {"quota_us": quota[0], "period_us": quota[1], "cgroup": folder}
    assert said["cpu_quota"] == expected
    assert said["quota_file"] == (None if quota is None else f"{quota[2]}/cpu.stat".lstrip("/"))
    assert said["cgroup"] == own.splitlines()


def test_cpus_and_affinity_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many CPUs there are, and how many of them may be used."""
    said = described(tmp_path, monkeypatch, "0::/\n", {})
    assert (said["cpus"], said["affinity"]) == (os.cpu_count(), len(os.sched_getaffinity(0)))
