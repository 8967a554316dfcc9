"""Modules that are compiled again and again."""

from pathlib import Path

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.journals import MS, RunFolder


def compiling(tmp_path: Path, *walls: float, modules: int = 1, every: float = 1000, executed: float = 100) -> RunFolder:
    """Tell of processes that import modules, in so many milliseconds of compiling and *executed* of executing each."""
    run = RunFolder(tmp_path)
    for number, wall in enumerate(walls):
        begin = 10 + every * number
        process = run.process(100 + number, begin=begin)
        for module in range(modules):
            at = begin + 1 + module * (1 + wall + executed)
            process.imports(
                f"lib{module}", at, at + 1 + wall + executed, line=7, load=at + 0.5,
                compiled=at + 1 if wall else None, executed=at + 1 + wall,
            )  # fmt: skip
        process.ends(begin + 900)
    return run


def test_compiled_again_though_it_had_been_executed(tmp_path: Path) -> None:
    """The first process wrote no .pyc that the second could use."""
    assert findings(compiling(tmp_path, 30, 40), "missing-bytecode") == [
        Finding(
            rule="missing-bytecode",
            title="1 module compiled from source again, in 2 processes",
            severity="warning",
            cost_ns=70 * MS,
            pids=[100, 101],
            where=[Place("app.py", 7)],
            evidence=[
                "share of the imports of these processes: 26%",
                "lib0: compiled 2 times, 70.0 ms in all",
                "compiled although another process had compiled it before: 1 module",
            ],
            remedy=(
                "Compile them once, and let Python write .pyc files (PYTHONDONTWRITEBYTECODE, -B, the rights):\n"
                "    python -m compileall -q FOLDER"
            ),
            taken=[Taken(100, 2 * MS, 32 * MS), Taken(101, 1002 * MS, 1042 * MS)],
        )
    ]


def test_compiled_at_the_same_time_may_be_the_first_time(tmp_path: Path) -> None:
    """Neither process could know that the other would write the .pyc: a note."""
    assert [finding.severity for finding in findings(compiling(tmp_path, 30, 40, every=1), "missing-bytecode")] == [
        "note"
    ]


def test_second_process_that_finds_the_pyc_is_as_it_should_be(tmp_path: Path) -> None:
    """One has to be the first."""
    assert findings(compiling(tmp_path, 30, 0), "missing-bytecode") == []


def test_small_share_is_nothing(tmp_path: Path) -> None:
    """Below 10 % of the imports."""
    assert findings(compiling(tmp_path, 30, 30, executed=400), "missing-bytecode") == []


def test_a_scripts_own_module_is_nothing(tmp_path: Path) -> None:
    """Below 20 ms in all."""
    assert findings(compiling(tmp_path, 9, 9, executed=0), "missing-bytecode") == []


def test_fifty_modules_are_many(tmp_path: Path) -> None:
    """However little each takes."""
    assert len(findings(compiling(tmp_path, 0.1, 0.1, modules=50, executed=10), "missing-bytecode")) == 1
    assert findings(compiling(tmp_path / "x", 0.1, 0.1, modules=49, executed=10), "missing-bytecode") == []
