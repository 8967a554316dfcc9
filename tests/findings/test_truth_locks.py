"""Real programs that wait for locks, and one that logs what multiprocessing does, in which the rules find that."""

from pathlib import Path

import pytest

from mptrace.analysis.facts import Place
from tests.findings.test_truth_forks import ATTEMPTS, MS, TOLERANCE, found, planted_place, program_of

pytestmark = [pytest.mark.once, pytest.mark.quiet]


def test_lock_that_a_thread_keeps_is_found(tmp_path: Path) -> None:
    """Where the holder took it, and for as long as the program had to wait."""
    for attempt in range(ATTEMPTS):
        findings, waited_ns = found(tmp_path / str(attempt), "logging-lock-wait")
        [finding] = [finding for finding in findings if finding.rule == "logging-lock-wait"]
        assert finding.where == [planted_place(program_of("logging-lock-wait"))]
        assert "held by writer" in finding.evidence
        if abs(finding.cost_ns - waited_ns) <= TOLERANCE * waited_ns:
            return
    pytest.fail(f"{finding.cost_ns / MS} ms are not {waited_ns / MS} ms")


def test_child_that_hangs_is_found(tmp_path: Path) -> None:
    """With the lock, its holder and the stack of the child; so is the fork with a thread that is why."""
    findings, _ = found(tmp_path / "run", "stuck-after-fork", MPTRACE_STUCK_AFTER="1")
    by_rule = {finding.rule: finding for finding in findings}
    stuck, fork = by_rule["stuck-after-fork"], by_rule["fork-with-threads"]
    assert (stuck.severity, fork.severity) == ("error", "warning")
    assert "it waits for the stream of StreamHandler(" in stuck.title
    assert 3000 * MS <= stuck.cost_ns <= 6000 * MS
    assert planted_place(program_of("stuck-after-fork")) in stuck.where
    assert any(text.startswith("the lock was held by filler (") for text in stuck.evidence)
    assert any(text.endswith(" flush") for text in stuck.evidence)
    assert fork.evidence[1] == "threads of Python: filler"


def test_logger_of_multiprocessing_is_found(tmp_path: Path) -> None:
    """And what it cost was nothing to speak of, which is what the finding says."""
    findings, _ = found(tmp_path / "run", "debug-logging")
    [finding] = [finding for finding in findings if finding.rule == "debug-logging"]
    assert (finding.severity, len(finding.pids)) == ("note", 2)
    assert finding.title.startswith("multiprocessing logs at DEBUG")
    assert 0 < finding.cost_ns < 20 * MS
    assert finding.where == list[Place]()
