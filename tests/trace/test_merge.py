"""From folders to one trace: what belongs to the whole process, or to the whole run."""

from pathlib import Path

from mptrace.trace.merge import load
from mptrace.trace.model import Counter, End
from tests.journals import MS, Host, RunFolder

ALPHA = Host()


def test_ready_is_before_run(run: RunFolder) -> None:
    """A process is ready just before it runs, and says its name then."""
    run.process(100).ready(5, "ForkProcess-1")
    process = load([run.write()]).processes[0]
    assert (process.ready_ns, process.name, process.role) == (5 * MS, "ForkProcess-1", "process")


def test_ready_is_where_the_host_says_so_first(run: RunFolder) -> None:
    """mptrace.ready() has the say, the first time."""
    run.process(100).ready(5, "P").ready(8, "P", cause="api").ready(9, "P", cause="api")
    assert load([run.write()]).processes[0].ready_ns == 8 * MS


def test_ready_by_hand_makes_no_child_of_a_main_process(run: RunFolder) -> None:
    """A main process that calls mptrace.ready() is still the main one."""
    run.process(100).ready(5, "MainProcess", cause="api")
    process = load([run.write()]).processes[0]
    assert (process.name, process.role) == ("app.py", "main")


def test_last_sign_of_life_is_the_last_moment_recorded(run: RunFolder) -> None:
    """A process is seen until the last thing it wrote of itself."""
    run.process(100).span("s", 1, 5).child_ended(70, 101, 0)
    run.process(101, begin=2).imports("json", 3, None).instant("i", 9)
    run.process(102, begin=4).ends(30)
    assert [process.last_ns for process in load([run.write()]).processes] == [5 * MS, 9 * MS, 30 * MS]


def test_what_the_launcher_saw_belongs_to_each_process(run: RunFolder) -> None:
    """Samples go to whoever had the pid then; how the program ended is the root's end."""
    run.process(100)
    run.process(101, begin=10)
    run.process(101, begin=50)
    launcher = run.launcher(100)
    for at, pid in ((20, 101), (60, 101), (70, 999)):
        launcher.record("m", at_ns=ALPHA.at(at), pid=pid, name="memory", values={"rss": at})
    assert [process.last_ns for process in load([run.write()]).processes] == [0, 20 * MS, 60 * MS]
    launcher.child_ended(90, 100, -9).record("F", at_ns=ALPHA.at(80), patch="sampler", error="disk full")
    trace = load([run.write()])
    assert [list(process.counters) for process in trace.processes] == [
        [], [Counter("memory", 20 * MS, {"rss": 20})], [Counter("memory", 60 * MS, {"rss": 60})],
    ]  # fmt: skip
    assert trace.processes[0].end == End("signaled", None, 9, 90 * MS)
    assert list(trace.warnings) == ["run/launcher.journal: sampler stopped: disk full"]


def test_progress_is_told_process_by_process(run: RunFolder) -> None:
    """A long merge says how far it is."""
    run.process(100)
    run.process(101, begin=5)
    told: list[tuple[int, int]] = []
    load([run.write()], lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_only_the_root_of_a_named_run_is_main(tmp_path: Path) -> None:
    """Where the folder names the root, a process below a shell is none, though its parent is not in the trace."""
    run = RunFolder(tmp_path / "20260102T030405Z-100")
    run.process(100)
    run.process(102, ppid=101, begin=20)
    assert [(process.role, process.start_method) for process in load([run.write()]).processes] == [
        ("main", "root"), ("subprocess", "subprocess"),
    ]  # fmt: skip


def test_only_the_root_is_main_by_way_of_the_link_to_the_latest_run(tmp_path: Path) -> None:
    """What the folder is called is asked of the folder."""
    run = RunFolder(tmp_path / "20260102T030405Z-100")
    run.process(100)
    run.process(101, begin=10)
    run.write()
    (tmp_path / "latest").symlink_to(run.folder.name)
    assert [process.role for process in load([tmp_path / "latest"]).processes] == ["main", "subprocess"]


def test_every_process_of_a_script_that_is_no_python_is_main(tmp_path: Path) -> None:
    """Where the root is a shell script, which keeps no journal, each Python it starts is a main one."""
    run = RunFolder(tmp_path / "20260102T030405Z-99")
    run.process(100, ppid=99)
    run.process(101, ppid=99, begin=20)
    assert [process.role for process in load([run.write()]).processes] == ["main", "main"]


def test_run_named_twice_is_one(tmp_path: Path) -> None:
    """By its link too."""
    run = RunFolder(tmp_path / "run")
    run.process(100).ends(9)
    (tmp_path / "latest").symlink_to("run")
    trace = load([run.write(), tmp_path / "latest"])
    assert [process.pid for process in trace.processes] == [100]
    assert list(trace.other_runs) == []


def test_other_runs_are_kept(tmp_path: Path) -> None:
    """Each by what its run.json says, the first apart."""
    folders = []
    for name in ("a", "b"):
        run = RunFolder(tmp_path / name, {"id": name})
        run.process(100).ends(9)
        folders.append(run.write())
    trace = load(folders)
    assert (trace.run, trace.other_runs) == ({"id": "a"}, [{"id": "b"}])
