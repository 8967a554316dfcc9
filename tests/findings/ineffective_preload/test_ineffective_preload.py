"""Modules that a forkserver was to preload."""

from pathlib import Path

import pytest

from mptrace.analysis.facts import Place, Taken
from mptrace.analysis.findings.ineffective_preload import (
    AGAIN_REMEDY,
    ENDED_REMEDY,
    FAILED_REMEDY,
    MAIN_REMEDY,
    NAME_REMEDY,
    TYPED,
)
from mptrace.analysis.findings.model import Finding
from tests.findings.fixtures import findings
from tests.findings.forked import CALL, ns
from tests.journals import Journal, RunFolder

IMPORT = "from multiprocessing.forkserver import main; "


def server_of(run: RunFolder, modules: str) -> tuple[Journal, Journal]:
    """Begin a main process, and the forkserver that is to preload *modules* for it."""
    parent = run.process(100)
    return parent, run.process(
        102, ppid=100, begin=20, argv=["python", "-c", f"{IMPORT}main(5, 6, [{modules}], **{{}})"]
    )


def served(run: RunFolder, parent: Journal, pid: int, begin: float) -> Journal:
    """Start a child of the forkserver."""
    parent.starts(f"Process-{pid}", begin, begin + 10, child_pid=pid, method="forkserver", where=CALL)
    return run.process(pid, ppid=102, origin="fork", begin=begin + 4, forked=begin + 3)


def test_module_that_failed_is_named_with_its_error(tmp_path: Path) -> None:
    """Its cost is that of the children's imports."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'plugins'")
    server.instant("import failed", 30, "startup", module="plugins", error="OSError:\n  no licence\n")
    for pid, begin in ((103, 50), (104, 150)):
        child = served(run, parent, pid, begin)
        child.imports("plugins", begin + 10, begin + 40, importer="__mp_main__", line=7).ready(begin + 60)
    server.ends(400)
    assert findings(run, "ineffective-preload") == [
        Finding(
            rule="ineffective-preload",
            title="The preload of plugins failed in the forkserver",
            severity="warning",
            cost_ns=ns(60),
            pids=[103, 104],
            where=[Place("app.py", 7)],
            evidence=[
                "what the server met: OSError: no licence",
                "children that imported it themselves: 2 of 2, in 60.0 ms",
            ],
            remedy=FAILED_REMEDY.format(name="plugins"),
            taken=[Taken(103, ns(60), ns(90)), Taken(104, ns(160), ns(190))],
        )
    ]


def test_place_of_the_failure_comes_first(tmp_path: Path) -> None:
    """It is what is to be repaired; then the lines that the children paid at."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'plugins'")
    failure = {"module": "plugins", "error": "ImportError: no licence", "file": "/src/licence.py", "line": 3}
    server.instant("import failed", 30, "startup", **failure)
    served(run, parent, 103, 50).imports("plugins", 60, 90, importer="__mp_main__", line=7).ready(110)
    server.ends(400)
    [finding] = findings(run, "ineffective-preload")
    assert finding.where == [Place("/src/licence.py", 3), Place("app.py", 7)]


def test_server_that_ended_of_a_preload_made_no_child(tmp_path: Path) -> None:
    """Nothing is repeated where nothing ran: start() fails. The main module came first, and was swallowed."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'numpyy', 'plugins', '__main__'")
    server.span("preload __main__", 25, 28, "startup", error="OSError: no")
    server.instant("import failed", 30, "startup", module="numpyy", error="ModuleNotFoundError: no numpyy")
    server.instant("import failed", 40, "startup", module="plugins", error="OSError: no licence", file="/p.py", line=3)
    server.ends(45)
    parent.starts("Process-1", 15, None, method="forkserver").ends(400)
    ended, *others = sorted(findings(run, "ineffective-preload"), key=lambda finding: finding.severity)
    assert [other.title for other in others] == [
        "The preload of numpyy failed in the forkserver",
        "The preload of app.py failed in the forkserver",
    ]
    assert ended == Finding(
        rule="ineffective-preload",
        title="The preload of plugins ended the forkserver",
        severity="error",
        cost_ns=0,
        pids=[102],
        where=[Place("/p.py", 3)],
        evidence=[
            "what the server met: OSError: no licence",
            "it made no child: start() failed in the process that asked for one",
        ],
        remedy=ENDED_REMEDY,
    )


def test_main_module_that_ran_in_the_server_too(tmp_path: Path) -> None:
    """That is what a repetition is."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'__main__'")
    server.span("preload __main__", 25, 90, "startup")
    served(run, parent, 103, 50).phase("main-module", 60, 130, run_queue_ns=0).ready(140)
    server.ends(400)
    [finding] = findings(run, "ineffective-preload")
    assert finding.title == "The preload of app.py is repeated by its children"
    assert finding.evidence == ["children that ran it again: 1 of 1, in 70.0 ms"]


def test_misspelt_name_is_reported_though_nothing_is_lost(tmp_path: Path) -> None:
    """No child imports it, but somebody wanted something; the place is where the children are started."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'numpyy'")
    server.instant("import failed", 30, "startup", module="numpyy", error="ModuleNotFoundError: no numpyy")
    served(run, parent, 103, 50)
    server.ends(400)
    [finding] = findings(run, "ineffective-preload")
    assert (finding.cost_ns, finding.pids, finding.where) == (0, [102], [Place("/src/app.py", 50)])
    assert finding.evidence[1] == "children that imported it themselves: 0 of 1, in 0.0 ms"


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [("shop.wrk", NAME_REMEDY), ("shop", NAME_REMEDY), ("sho", FAILED_REMEDY), ("shop.wrk.tools", FAILED_REMEDY)],
)
def test_remedy_tells_a_wrong_name_from_an_import_that_fails_inside(missing: str, remedy: str, tmp_path: Path) -> None:
    """Nobody is told to type the name again that did not work."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'json', 'shop.wrk'")
    error = f"ModuleNotFoundError: No module named '{missing}'"
    server.imports("json", 22, 24).instant("import failed", 30, "startup", module="shop.wrk", error=error)
    served(run, parent, 103, 50)
    server.ends(400)
    [finding] = findings(run, "ineffective-preload")
    assert finding.remedy == remedy.format(name="shop.wrk") + TYPED.format(names=["json"])


def test_remedy_for_a_main_module_names_what_it_imports(tmp_path: Path) -> None:
    """The dearest first."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'__main__'")
    child = served(run, parent, 103, 50).phase("main-module", 60, 130, run_queue_ns=0).ready(140)
    child.imports("json", 61, 65, importer="__mp_main__", line=1)
    child.imports("pandas", 66, 120, importer="__mp_main__", line=2).imports("numpy", 67, 90, importer="pandas")
    server.ends(400)
    [finding] = findings(run, "ineffective-preload")
    assert finding.remedy == MAIN_REMEDY + TYPED.format(names=["pandas", "json"])


def test_module_that_children_execute_again_has_no_wrong_name(tmp_path: Path) -> None:
    """The server did import it."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'json'")
    server.imports("json", 22, 24)
    served(run, parent, 103, 50).imports("json", 60, 90).ready(110)
    server.ends(400)
    [finding] = findings(run, "ineffective-preload")
    assert finding.remedy == AGAIN_REMEDY.format(name="json")


def test_main_module_that_children_run_again_was_not_preloaded(tmp_path: Path) -> None:
    """As Python 3.11 does, without a word."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'__main__'")
    for pid, begin in ((103, 50), (104, 250)):
        child = served(run, parent, pid, begin)
        child.phase("main-module", begin + 10, begin + 70, run_queue_ns=0).ready(begin + 80)
    server.ends(400)
    assert findings(run, "ineffective-preload") == [
        Finding(
            rule="ineffective-preload",
            title="The preload of app.py never took place",
            severity="warning",
            cost_ns=ns(120),
            pids=[103, 104],
            where=[Place("app.py", 1)],
            evidence=["children that ran it themselves: 2 of 2, in 120.0 ms"],
            remedy=MAIN_REMEDY,
            taken=[Taken(103, ns(60), ns(120)), Taken(104, ns(260), ns(320))],
        )
    ]


def test_preload_that_worked_is_fine(tmp_path: Path) -> None:
    """So is a small main module, which Python 3.11 always runs again, and an import of something else."""
    run = RunFolder(tmp_path)
    parent, server = server_of(run, "'__main__', 'json'")
    server.imports("json", 30, 40)
    child = served(run, parent, 103, 50).phase("main-module", 60, 109, run_queue_ns=0)
    child.imports("decimal", 70, 80).ready(120)
    server.ends(400)
    assert findings(run, "ineffective-preload") == []
