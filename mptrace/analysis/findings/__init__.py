"""What is wrong with a run: one rule a file, and the table that names them.

Offline. A rule is a pure function over the facts of a trace. Its docstring is its manual page.
"""

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from mptrace.analysis.facts import Facts
from mptrace.analysis.findings.containment import contained
from mptrace.analysis.findings.model import Finding
from mptrace.trace.model import Trace

# Root causes first: of two findings that cost the same time, the one that stands further up holds the other.
RULES = {
    "unguarded-main": "mptrace.analysis.findings.unguarded_main",
    "ineffective-preload": "mptrace.analysis.findings.ineffective_preload",
    "main-reexecuted": "mptrace.analysis.findings.main_reexecuted",
    "heavy-statement": "mptrace.analysis.findings.heavy_statement",
    "repeated-import": "mptrace.analysis.findings.repeated_import",
    "late-import": "mptrace.analysis.findings.late_import",
    "large-payload": "mptrace.analysis.findings.large_payload",
    "process-churn": "mptrace.analysis.findings.process_churn",
    "killed-before-ready": "mptrace.analysis.findings.killed_before_ready",
    "missing-bytecode": "mptrace.analysis.findings.missing_bytecode",
    "slow-filesystem": "mptrace.analysis.findings.slow_filesystem",
    "serial-start": "mptrace.analysis.findings.serial_start",
    "cpu-quota": "mptrace.analysis.findings.cpu_quota",
    "oversubscribed-start": "mptrace.analysis.findings.oversubscribed_start",
    "stuck-after-fork": "mptrace.analysis.findings.stuck_after_fork",
    "fork-with-threads": "mptrace.analysis.findings.fork_with_threads",
    "large-fork": "mptrace.analysis.findings.large_fork",
    "copy-on-write": "mptrace.analysis.findings.copy_on_write",
    "slow-fork-hook": "mptrace.analysis.findings.slow_fork_hook",
    "logging-lock-wait": "mptrace.analysis.findings.logging_lock_wait",
    "slow-site": "mptrace.analysis.findings.slow_site",
    "manager-start": "mptrace.analysis.findings.manager_start",
    "native-thread-pools": "mptrace.analysis.findings.native_thread_pools",
    "implicit-start-method": "mptrace.analysis.findings.implicit_start_method",
    "debug-logging": "mptrace.analysis.findings.debug_logging",
}
SEVERITIES = ("error", "warning", "note")


def find(trace: Trace) -> list[Finding]:
    """Return what is wrong with *trace*, errors first, then by cost."""
    facts = Facts(trace)
    found = contained([finding for rule in RULES for finding in _found(rule, facts)])
    return sorted(found, key=lambda finding: (SEVERITIES.index(finding.severity), -finding.cost_ns))


def module_of(rule: str) -> ModuleType:
    """Return the module of a rule. Raises KeyError where there is none of that name."""
    return import_module(RULES[rule])


def _found(rule: str, facts: Facts) -> Iterator[Finding]:
    found: Iterator[Finding] = module_of(rule).find(facts)
    return found
