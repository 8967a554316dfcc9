"""A forkserver says what it preloaded, and what of that failed: why, and where.

The program is programs/pools/preload.py.
"""

import sys
from pathlib import Path

import pytest

import mptrace
from mptrace.analysis.facts import Facts
from mptrace.analysis.findings import ineffective_preload
from mptrace.analysis.forkservers import Forkserver, forkservers
from mptrace.trace.model import Trace
from tests.hosts import PROGRAMS, failures, run

PRELOAD = PROGRAMS / "pools" / "preload.py"


def served(folder: Path, *modules: str, status: int = 0, program: Path = PRELOAD) -> tuple[Trace, Forkserver]:
    """Let a forkserver preload *modules*, those of *folder* too; return the trace, and what it says of the server."""
    path = {"PYTHONPATH": str(folder)}
    outcome = run(program, traced=True, folder=folder, args=modules, env=path)
    assert outcome.run
    assert (outcome.status, failures(outcome.run)) == (status, []), outcome.stderr
    trace = mptrace.load(outcome.run)
    (server,) = forkservers(trace)
    return trace, server


def test_preloaded_modules_are_told_apart_from_those_that_failed(tmp_path: Path) -> None:
    """The server says what it preloaded, why something was not, and how often it forked."""
    _, server = served(tmp_path, "wave", "nonesuch", "json.tool")
    assert [(one.module, one.error) for one in server.preloads] == [
        ("wave", None),
        ("nonesuch", "ModuleNotFoundError: No module named 'nonesuch'"),
        ("json.tool", None),
    ]
    assert [one.wall_ns is not None for one in server.preloads] == [True, True, True]
    assert server.served == 3


def test_preload_that_failed_says_where(tmp_path: Path) -> None:
    """At the innermost line of a module; a name misspelt has none."""
    (tmp_path / "outer.py").write_text("\nimport inner\n")
    (tmp_path / "inner.py").write_text("import json\nimport nonesuch\n")
    _, server = served(tmp_path, "outer", "nowhere")
    assert [(one.file, one.line) for one in server.preloads] == [(str(tmp_path / "inner.py"), 2), ("", 0)]


@pytest.mark.parametrize(
    ("text", "error", "line"),
    [
        ("def check():\n    raise ValueError('no licence')\n\ncheck()\n", "ValueError: no licence", 4),
        ("\nx = (\n", "SyntaxError: '(' was never closed", 2),
    ],
)
def test_preload_that_ended_the_server_is_told(tmp_path: Path, text: str, error: str, line: int) -> None:
    """Why and where: all that the parent hears of it is that start() fails."""
    (tmp_path / "broken.py").write_text(text)
    trace, server = served(tmp_path, "broken", status=1)
    (preload,) = server.preloads
    assert (preload.error, preload.file, preload.line) == (error, str(tmp_path / "broken.py"), line)
    titles = [finding.title for finding in ineffective_preload.find(Facts(trace))]
    assert titles == ["The preload of broken ended the forkserver"]


@pytest.mark.skipif(sys.version_info < (3, 15), reason="an error of the main module ends the server")
def test_main_module_that_failed_in_silence_is_told(tmp_path: Path) -> None:
    """The server goes on without it."""
    in_server = "import sys\n\nif 'from multiprocessing.forkserver' in str(sys.orig_argv):\n    1 / 0\n"
    script = tmp_path / "failing.py"
    script.write_text(PRELOAD.read_text().replace("import sys\n", in_server))
    _, server = served(tmp_path, "__main__", program=script)
    (preload,) = server.preloads
    assert (preload.error, preload.file, preload.line) == ("ZeroDivisionError: division by zero", str(script), 7)
