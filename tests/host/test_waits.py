"""How children end that a real host forks, or spawns, by itself, and waits for with os.wait() and its kin."""

import json
from pathlib import Path

import pytest

from mptrace.trace.merge import load
from tests.host.scripts import Script, differences
from tests.host.test_unchanged import programs, title
from tests.hosts import PROGRAMS, run

UNTOUCHED = """
import os, subprocess, multiprocessing
def work(): pass
if __name__ == "__main__":
    before = os.waitpid
    multiprocessing.get_context("fork").Process(target=work).start()
    subprocess.run(["true"], preexec_fn=os.getpid)
    print(os.waitpid is before)
"""
UNDONE = """
import os, mptrace
before = os.waitpid
pid = os.fork()
if not pid:
    os._exit(0)
print(os.waitpid is before)
os.waitpid(pid, 0)
mptrace.stop()
print(os.waitpid is before)
"""


def test_every_wait_tells_how_a_child_ended(tmp_path: Path) -> None:
    """Each child, of whatever kind, ended as the host was told; that it stopped, or ran on, is no end."""
    outcome = run(PROGRAMS / "waits.py", traced=True, folder=tmp_path, env={"MPTRACE_STRICT": "1"})
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    told = {int(pid): int(code) for pid, code in map(str.split, outcome.stdout.decode().splitlines())}
    trace = load([outcome.run])
    spans = [span for span in trace.processes[0].spans if span.category == "subprocess"]
    found = {span.args["child_pid"]: span.args.get("status", span.args.get("signal")) for span in spans}
    names = {3: 3, 4: 4, -9: "SIGKILL"}
    assert found == {pid: names[code] for pid, code in told.items() if pid in found}
    assert len(found) == 3
    # A forked child that was killed has reported or has not: either way its end is known.
    forked = {process.pid: process.end.signal for process in trace.processes[1:]}
    forked |= {missing.pid: -told[missing.pid] for missing in trace.missing}
    assert forked == {pid: -code for pid, code in told.items() if pid not in found}
    for missing in trace.missing:
        assert missing.reason.startswith("forked, and killed by SIG")


@pytest.mark.parametrize(("script", "said"), [(UNTOUCHED, ["True"]), (UNDONE, ["False", "True"])])
def test_waits_are_changed_where_nobody_else_tells(script: str, said: list[str], tmp_path: Path) -> None:
    """Where multiprocessing or subprocess says how children ended, nothing is; and what was changed is put back."""
    (tmp_path / "app.py").write_text(script)
    outcome = run(tmp_path / "app.py", traced=True, folder=tmp_path, env={"MPTRACE_STRICT": "1"})
    assert (outcome.stdout.decode().split(), outcome.stderr) == (said, b"")


def test_cost_of_the_change_is_recorded(tmp_path: Path) -> None:
    """Whoever waits pays for it once, in a span of ours."""
    outcome = run(PROGRAMS / "waits.py", traced=True, folder=tmp_path)
    assert outcome.run
    records = [json.loads(line) for path in outcome.run.glob("*.journal") for line in path.read_text().splitlines()]
    assert [record[5] for record in records if record[0] == "x"].count("patch os.wait") == 1


@pytest.mark.parametrize("script", programs("waits"), ids=title)
def test_wait_looks_the_same(script: Script, tmp_path: Path) -> None:
    """Errors, tracebacks and what these functions say of themselves do not depend on tracing."""
    assert not (found := differences(script, tmp_path)), found
