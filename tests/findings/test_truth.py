"""Real programs, each with a planted cause, that its rule finds; and clean ones, in which none finds anything."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mptrace.analysis.facts import Place
from mptrace.analysis.findings import RULES
from tests.cgroups import limited
from tests.findings.truth import TRUTH, Planted, findings, judge, places

SITE = TRUTH / "planted" / "site"
NATIVE = TRUTH / "planted" / "native_pool.c"
FORKS_BY_DEFAULT = sys.version_info < (3, 14)

PLANTED = [
    Planted("unguarded-main", "error"),
    Planted("ineffective-preload"),
    Planted("main-reexecuted"),
    Planted("repeated-import"),
    Planted("late-import"),
    Planted("large-payload"),
    Planted("process-churn"),
    Planted("killed-before-ready", "error", says=("killed by SIGKILL",)),
    Planted("missing-bytecode"),
    Planted("slow-filesystem", says=("planted.quick was found and read in",)),
    Planted("serial-start"),
    Planted("oversubscribed-start", ""),  # a note if others take the CPUs as well
    Planted(
        "stuck-after-fork",
        "error",
        says=("it waits for the stream of StreamHandler(", "the lock was held by filler (", " flush"),
        env=(("MPTRACE_STUCK_AFTER", "1"),),
    ),
    Planted(
        "fork-with-threads",
        says=("threads of Python: poller",),
        free_of_cost="a lock that stays locked costs nothing until somebody waits for it: stuck-after-fork has that",
    ),
    Planted("large-fork"),
    Planted("copy-on-write"),
    Planted("slow-fork-hook"),
    Planted("logging-lock-wait", says=("held by writer",)),
    Planted("manager-start", "note"),
    Planted(
        "implicit-start-method",
        "note",
        free_of_cost="a fork runs nothing again; that it is dangerous costs nothing" if FORKS_BY_DEFAULT else "",
    ),
    Planted("debug-logging", says=("handlers: StreamHandler, Slow",), args=("slow",)),
]
STATEMENT = Planted("heavy-statement")
UNTIMED = Planted("main-reexecuted", says=("statements",), cause="heavy-statement")
IN_SITE = Planted("slow-site", says=("what was imported there: slow_agent",), env=(("PYTHONPATH", str(SITE)),))
IN_CGROUP = Planted("cpu-quota", says=("the quota is 0.1 CPUs",))
COMPILED = Planted(
    "native-thread-pools",
    says=("native_pool starts ",),
    free_of_cost="how long the threads of a library got in each other's way nobody can measure from outside",
)


def test_each_rule_has_a_planted_cause() -> None:
    """Or the suite would say nothing of it."""
    assert sorted(planted.rule for planted in (*PLANTED, STATEMENT, IN_SITE, IN_CGROUP, COMPILED)) == sorted(RULES)


@pytest.mark.quiet
@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.rule)
def test_planted_cause_is_found(tmp_path: Path, planted: Planted) -> None:
    """By its rule, once, at its line, for what it cost."""
    judge(planted, tmp_path)


@pytest.mark.quiet
def test_heavy_statement_is_found(tmp_path: Path) -> None:
    """At its line; Python 3.11 has no means to time it, and there the main module is found that it makes slow."""
    if sys.version_info >= (3, 12):
        judge(STATEMENT, tmp_path)
    else:
        judge(UNTIMED, tmp_path, where=[Place(str(UNTIMED.program), 0)])


@pytest.mark.quiet
def test_slow_sitecustomize_is_found(tmp_path: Path) -> None:
    """What it imports is named, at its line there."""
    judge(IN_SITE, tmp_path, where=places(SITE / "sitecustomize.py", "sitecustomize"))


@pytest.mark.quiet
def test_quota_of_a_container_is_found(tmp_path: Path) -> None:
    """With one process at a time, as the kernel adds up what several CPUs were not allowed at the same moment.

    A tenth of a CPU is there even on a busy machine, so that it is the quota that the children wait for.
    """
    with limited(5_000, 50_000) as cgroup:
        joined = cgroup / "cgroup.procs"
        judge(IN_CGROUP, tmp_path, preexec_fn=lambda: joined.write_text("0"))


@pytest.mark.quiet
def test_threads_of_a_native_library_are_found(tmp_path: Path) -> None:
    """At the line that imports it."""
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("there is no C compiler to make a native library with")
    command = [compiler, "-shared", "-fPIC", "-pthread", "-o", str(tmp_path / "native_pool.so"), str(NATIVE)]
    subprocess.run(command, check=True)
    judge(COMPILED, tmp_path, env={"PYTHONPATH": str(tmp_path)})


@pytest.mark.quiet
def test_quick_logger_of_multiprocessing_is_a_note(tmp_path: Path) -> None:
    """What it cost was nothing to speak of, which is what the finding says."""
    found, _ = findings(tmp_path / "run", TRUTH / "debug_logging.py")
    [finding] = [finding for finding in found if finding.rule == "debug-logging"]
    assert (finding.severity, len(finding.pids), finding.where) == ("note", 2, [])
    assert finding.remedy == "None is needed: it cost next to nothing"


@pytest.mark.quiet
@pytest.mark.parametrize("kind", ["process", "pool", "executor"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_clean_program_is_not_blamed(tmp_path: Path, method: str, kind: str) -> None:
    """Neither warnings nor errors, whatever else the machine does."""
    found, _ = findings(tmp_path / "run", TRUTH / "clean.py", args=(method, kind))
    assert [finding for finding in found if finding.severity != "note"] == []
