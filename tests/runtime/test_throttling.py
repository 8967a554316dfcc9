"""Where the run has a CPU quota, each process counts how often the kernel held it up."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mptrace.trace.merge import load
from tests.cgroups import limited
from tests.hosts import failures, run

PERIOD_US = 50_000
BUSY = """
import multiprocessing, time

def spin():
    end = time.process_time() + 0.05
    while time.process_time() < end: pass

if __name__ == "__main__":
    process = multiprocessing.get_context("METHOD").Process(target=spin)
    process.start()
    process.join()
    spin()
"""


@pytest.fixture
def cgroup() -> Iterator[Path]:
    """Return a new cgroup whose processes may use a fifth of a CPU."""
    with limited(PERIOD_US // 5, PERIOD_US) as folder:
        yield folder


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_throttling_is_counted_in_each_process(method: str, cgroup: Path, tmp_path: Path) -> None:
    """A process under a quota counts periods as it begins, is ready, and ends; run.json says the quota."""
    program = tmp_path / "busy.py"
    program.write_text(BUSY.replace("METHOD", method))
    join = f"import os, sys; open('{cgroup}/cgroup.procs', 'w').write(str(os.getpid())); "
    # As a shell would: the cgroup is joined first, and the program executed then.
    starter = f"{join}os.environ['MPTRACE'] = '1'; os.execv(sys.executable, [sys.executable, '{program}'])"
    env = {"MPTRACE_DIR": str(tmp_path / ".mptrace")}
    outcome = run(("-c", starter), traced=False, folder=tmp_path, env=env)
    assert (outcome.status, outcome.stderr) == (0, b"")
    folder = (tmp_path / ".mptrace" / "latest").resolve()
    assert failures(folder) == []
    said = json.loads((folder / "run.json").read_text())["cpu_quota"]
    assert said == {"quota_us": PERIOD_US // 5, "period_us": PERIOD_US, "cgroup": str(cgroup)}
    trace = load([folder])
    for process in trace.processes:
        counters = [counter.values for counter in process.counters if counter.name == "throttling"]
        assert len(counters) >= 2 + (process.role == "process")
    main = trace.processes[0]
    first, *_, last = [counter.values for counter in main.counters if counter.name == "throttling"]
    assert last["throttled"] - first["throttled"] >= 2
    assert last["periods"] - first["periods"] >= last["throttled"] - first["throttled"]
    assert last["throttled_ns"] - first["throttled_ns"] > 1_000_000


def test_file_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """Only a file of a cgroup's is read, whatever the run's folder says."""
    program = (
        "import os, subprocess, sys; from pathlib import Path\n"
        "Path(os.environ['MPTRACE_RUN'], 'quota').write_text(sys.argv[1])\n"
        "sys.exit(subprocess.run([sys.executable, '-c', 'pass']).returncode)"
    )
    secret = tmp_path / "secret"
    secret.write_text("nr_periods 1\nnr_throttled 1\nthrottled_usec 1\n")
    for path in (str(secret), f"/sys/fs/cgroup/../../..{secret}"):
        outcome = run(("-c", program), traced=True, folder=tmp_path, args=[path])
        assert (outcome.status, outcome.stderr) == (0, b"")
        assert outcome.run
        assert failures(outcome.run) == []
        counters = [counter for process in load([outcome.run]).processes for counter in process.counters]
        assert "throttling" not in {counter.name for counter in counters}
