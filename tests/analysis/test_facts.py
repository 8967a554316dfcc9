"""What the rules ask about a trace."""

from pathlib import Path

import pytest

from mptrace.analysis.facts import Facts, Place, Taken, is_typical, unhindered_ns, waited_share, waits_ns
from mptrace.trace.merge import load
from tests.findings.children import CALL, SPAWNED, spawned
from tests.journals import MS, RunFolder


def facts(run: RunFolder) -> Facts:
    """Return the facts of a run."""
    return Facts(load([run.write()]))


def test_workers_are_what_does_the_work(tmp_path: Path) -> None:
    """Neither the main process, nor helpers, nor programs."""
    run = RunFolder(tmp_path)
    parent = run.process(100).program(["git"], 5, 8, child_pid=105)
    spawned(run, parent, 101, 10)
    spawned(run, parent, 102, 20, target="multiprocessing.managers:BaseManager._run_server")
    run.process(103, ppid=100, begin=30, argv=("python", "-c", "from multiprocessing.resource_tracker import main"))
    found = facts(run)
    assert [way.process.pid for way in found.workers] == [101]
    assert [way.process.pid for way in found.started] == [101, 102, 103]
    assert [(key, [way.process.pid for way in ways]) for key, ways in found.siblings.items()] == [
        ((100, "spawn"), [101])
    ]


def test_main_file_of_a_child_is_the_script_it_runs_again(tmp_path: Path) -> None:
    """Its own command line is multiprocessing's; that of the fork server's child is the server's."""
    run = RunFolder(tmp_path)
    parent = run.process(100, argv=["python", "-X", "dev", "/src/app.py", "--fast"])
    spawned(run, parent, 101, 10)
    found = facts(run)
    assert [found.main_file(process) for process in found.trace.processes] == ["/src/app.py", "/src/app.py"]
    child = found.by_pid[101]
    assert found.place(child, "__mp_main__", 3) == Place("/src/app.py", 3)
    assert found.place(child, "package.module", 4) == Place("package.module", 4)


@pytest.mark.parametrize(
    ("argv", "script"), [(["python", "-m", "pkg.app", "-v"], "pkg.app"), (["python", "-c", "x"], ""), (["python"], "")]
)
def test_main_file_may_be_a_module_or_none(tmp_path: Path, argv: list[str], script: str) -> None:
    """As the command line says."""
    run = RunFolder(tmp_path)
    run.process(100, argv=argv)
    found = facts(run)
    assert found.main_file(found.by_pid[100]) == script


def test_roots_are_imports_in_the_course_of_no_other(tmp_path: Path) -> None:
    """On each thread; one that was never finished lasts until the last sign of life."""
    run = RunFolder(tmp_path)
    process = run.process(100).imports("b", 12, 15).imports("a", 10, 20).imports("c", 20, 30)
    process.imports("d", 13, 18, tid=7).imports("e", 40, None).ends(50)
    found = facts(run)
    roots = [(root.event.module, root.begin_ns, root.end_ns) for root in found.roots(found.by_pid[100])]
    assert roots == [
        ("a", 10 * MS, 20 * MS),
        ("d", 13 * MS, 18 * MS),
        ("c", 20 * MS, 30 * MS),
        ("e", 40 * MS, 50 * MS),
    ]


def test_source_of_a_statement_follows_its_place(tmp_path: Path) -> None:
    """The name of a file may have blanks in it."""
    run = RunFolder(tmp_path)
    run.process(100).span("my app.py:3 a = b", 10, 30, "statement", file="/my app.py", line=3).ends(50)
    found = facts(run)
    [statement] = found.statements(found.by_pid[100])
    assert (statement.file, statement.line, statement.source) == ("/my app.py", 3, "a = b")


def test_own_time_of_a_statement_leaves_out_those_inside_it(tmp_path: Path) -> None:
    """Of the same module only."""
    run = RunFolder(tmp_path)
    process = run.process(100).span("a.py:1 if x:", 10, 30, "statement", file="/a.py", line=1)
    process.span("a.py:2 import b", 10, 25, "statement", file="/a.py", line=2)
    process.span("b.py:9 y = 1", 11, 20, "statement", file="/b.py", line=9).ends(50)
    found = facts(run)
    statements = found.statements(found.by_pid[100])
    assert [(each.file, each.line, each.source, each.own_ns // MS) for each in statements] == [
        ("/a.py", 1, "if x:", 5),
        ("/a.py", 2, "import b", 15),
        ("/b.py", 9, "y = 1", 9),
    ]


def test_places_are_where_the_host_called(tmp_path: Path) -> None:
    """Each once."""
    run = RunFolder(tmp_path)
    parent = run.process(100)
    spawned(run, parent, 101, 10)
    spawned(run, parent, 102, 20)
    spawned(run, parent, 103, 30, where=("", 0))
    found = facts(run)
    assert found.places(found.workers) == [Place(*CALL)]


@pytest.mark.parametrize(
    ("run", "cpus"),
    [
        ({"cpus": 8}, 8),
        ({"cpus": 8, "affinity": 2}, 2),
        ({"cpus": 8, "affinity": 4, "cpu_quota": {"quota_us": 150_000, "period_us": 100_000}}, 1.5),
        ({}, 0),
    ],
)
def test_cpus_are_those_that_the_run_may_use(tmp_path: Path, run: dict[str, object], cpus: float) -> None:
    """The least of what limits it."""
    folder = RunFolder(tmp_path, {"schema": 1, **run})
    folder.process(100)
    assert facts(folder).cpus == cpus


def test_wait_that_a_phase_has_no_room_for_is_the_next_ones(tmp_path: Path) -> None:
    """The kernel is asked at the border, where the process may be made to wait once more."""
    run = RunFolder(tmp_path)
    run.process(100).starts("Process-1", 1, 2, child_pid=101)
    child = run.process(101, ppid=100, begin=10, argv=SPAWNED)
    child.phase("interpreter", 10, 30, cpu=12, run_queue_ns=18 * MS).phase("site", 30, 50, cpu=5, run_queue_ns=0)
    child.phase("main-module", 50, 60, cpu=5).ready(60)
    [_, way] = facts(run).ways
    assert [(phase.name, ns // MS) for phase, ns in waits_ns(way)] == [("interpreter", 8), ("site", 10)]
    assert waited_share(way) == 18 / 40
    assert waited_share(way, [Taken(101, 35 * MS, 40 * MS)]) == 0.5
    assert unhindered_ns(way, 100, [Taken(101, 35 * MS, 55 * MS)]) == 50
    assert unhindered_ns(way, 100, [Taken(101, 55 * MS, 56 * MS)]) == 100


def test_typical_is_what_befalls_more_than_half() -> None:
    """One of one, both of two, two of three."""
    assert [is_typical(values, 5) for values in ([5], [5, 4], [5, 9], [5, 9, 1], [])] == [
        True,
        False,
        True,
        True,
        False,
    ]
