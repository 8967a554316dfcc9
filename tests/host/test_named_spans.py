"""MPTRACE_SPANS: functions become spans when the host imports their module, and names that come to nothing are told."""

from collections import Counter
from pathlib import Path

import pytest

from mptrace.analysis.named_spans import UnmetName, unmet
from mptrace.trace import merge
from mptrace.trace.model import Trace
from tests.hosts import PROGRAMS, failures, run

MAIN = PROGRAMS / "named_spans" / "main.py"
METHODS = ("fork", "spawn", "forkserver")
NAMES = ("shop:price", "shop:Basket.add", "shop:Basket.of", "shop:Basket.empty", "shop:Basket.fail", "shop:deliver")
CALLS = {name.partition(":")[2]: 1 for name in NAMES} | {"price": 3, "Basket.add": 2}


def traced(folder: Path, names: str, *methods: str) -> tuple[Trace, bytes]:
    """Run the program with spans for *names*; return its trace, and what it printed."""
    outcome = run(MAIN, traced=True, folder=folder, args=methods, env={"MPTRACE_SPANS": names})
    assert outcome.stderr == b""
    assert outcome.status == 0
    assert outcome.run
    assert failures(outcome.run) == []
    return merge.load([outcome.run]), outcome.stdout


def test_every_call_of_a_named_function_is_a_span(tmp_path: Path) -> None:
    """In the parent and in children of every start method, functions and methods of every kind are spans."""
    plain = run(MAIN, traced=False, folder=tmp_path, args=METHODS)
    trace, printed = traced(tmp_path, ",".join(NAMES), *METHODS)
    assert printed == plain.stdout
    workers = [process for process in trace.processes if process.role in ("main", "process")]
    assert len(workers) == 1 + len(METHODS)
    for process in workers:
        called = Counter(span.name for span in process.spans if span.category == "user")
        assert called == {f"shop:{name}": times for name, times in CALLS.items()}
    assert unmet(trace) == []


def test_name_that_never_appears_is_told_with_the_reason(tmp_path: Path) -> None:
    """A module nobody imported, a function that is not there, and what is no function at all are each named."""
    names = "shop:price,shop:prices,shop:Basket,shop:Basket.size,shops:price,price"
    trace, _ = traced(tmp_path, names)
    assert unmet(trace) == [
        UnmetName("shop:prices", "module 'shop' has no attribute 'prices'"),
        UnmetName("shop:Basket", "'Basket' is not a function"),
        UnmetName("shop:Basket.size", "'size' is not a function"),
        UnmetName("shops:price", "no process imported shops"),
        UnmetName("price", "it is not module:function"),
    ]


@pytest.mark.parametrize(("names", "is_loaded"), [("shop:price", True), ("other:price", False), ("", False)])
def test_wrapt_is_loaded_only_when_a_named_module_is(tmp_path: Path, names: str, is_loaded: bool) -> None:
    """What the decorator stands on is imported after the module that it is for, and not before."""
    words = ["-c", "import sys; print('wrapt' in sys.modules); import shop; print('wrapt' in sys.modules)"]
    env = {"MPTRACE_SPANS": names, "PYTHONPATH": str(MAIN.parent)}
    outcome = run(words, traced=True, folder=tmp_path, env=env)
    assert outcome.stdout.split() == [b"False", str(is_loaded).encode()]
