"""The sitecustomize of sitecustomize_example/: it turns tracing on, and runs the one that it hides."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "sitecustomize_example"
# -S leaves the .pth files out, ours among them; what `site` does about sitecustomize is then called by hand.
CUSTOMIZE = "import site; site.execsitecustomize(); "


def customize(program: str, *path: Path, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `site`'s handling of sitecustomize with *path* as PYTHONPATH, then *program*."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path)), "MPTRACE_DIR": str(tmp_path / "runs")}
    return subprocess.run(
        [sys.executable, "-S", "-B", "-c", CUSTOMIZE + program],
        # The folder of the tests is not to be on sys.path: it holds an mptrace.
        cwd=tmp_path, env=environment | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip


def is_traced(tmp_path: Path) -> bool:
    """Return whether a run was made."""
    return (tmp_path / "runs" / "latest").is_dir()


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    """Return a folder whose sitecustomize changes sys.path and prints what it sees."""
    folder = tmp_path / "hidden"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys\nsys.path.append('/added')\nprint('hidden', __name__)\n")
    return folder


def test_tracing_is_turned_on(tmp_path: Path) -> None:
    """With MPTRACE=1 a run is made, and nothing is printed."""
    result = customize("", EXAMPLE, ROOT, tmp_path=tmp_path, MPTRACE="1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert is_traced(tmp_path)


@pytest.mark.parametrize("word", ["", "0", "off"])
def test_tracing_is_left_off(tmp_path: Path, word: str) -> None:
    """With MPTRACE off no run is made, and nothing is printed."""
    result = customize("", EXAMPLE, ROOT, tmp_path=tmp_path, MPTRACE=word)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert not is_traced(tmp_path)


@pytest.mark.parametrize("word", ["0", "1"])
def test_hidden_one_runs_in_its_place(hidden: Path, tmp_path: Path, word: str) -> None:
    """The hidden sitecustomize runs once, is the one in sys.modules, and keeps what it did to sys.path."""
    program = "import sys; print(sys.modules['sitecustomize'].__file__); print(sys.path[1:2], sys.path[-1])"
    result = customize(program, EXAMPLE, ROOT, hidden, tmp_path=tmp_path, MPTRACE=word)
    expected = f"hidden sitecustomize\n{hidden / 'sitecustomize.py'}\n{[str(EXAMPLE)]} /added\n"
    assert (result.returncode, result.stdout, result.stderr) == (0, expected, "")
    assert is_traced(tmp_path) is (word == "1")


@pytest.mark.parametrize(
    "failure", ["raise ValueError('broken')", "import no_such_module", "1 +", "import sitecustomized"]
)
def test_failure_of_the_hidden_one_is_reported_as_without_us(hidden: Path, tmp_path: Path, failure: str) -> None:
    """`site` prints the same two lines about the user's own sitecustomize as if ours were not there."""
    (hidden / "sitecustomize.py").write_text(failure + "\n")
    plain = customize("print('goes on')", hidden, tmp_path=tmp_path)
    ours = customize("print('goes on')", EXAMPLE, ROOT, hidden, tmp_path=tmp_path, MPTRACE="1")
    assert (ours.returncode, ours.stdout, ours.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert plain.stderr.startswith("Error in sitecustomize; set PYTHONVERBOSE for traceback:\n")
    assert is_traced(tmp_path)


def test_exit_of_the_hidden_one_passes(hidden: Path, tmp_path: Path) -> None:
    """SystemExit in the user's own sitecustomize ends the interpreter, with its status."""
    (hidden / "sitecustomize.py").write_text("raise SystemExit(9)\n")
    assert customize("", EXAMPLE, ROOT, hidden, tmp_path=tmp_path, MPTRACE="1").returncode == 9


def test_interpreter_without_mptrace_is_undisturbed(hidden: Path, tmp_path: Path) -> None:
    """Where mptrace cannot be imported nothing is printed, and the hidden sitecustomize runs."""
    result = customize("", EXAMPLE, hidden, tmp_path=tmp_path, MPTRACE="1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "hidden sitecustomize\n", "")
    assert not is_traced(tmp_path)


def test_broken_mptrace_is_undisturbing(hidden: Path, tmp_path: Path) -> None:
    """Where mptrace is there but cannot start nothing is printed, and the hidden sitecustomize runs."""
    (hidden / "mptrace" / "runtime").mkdir(parents=True)
    (hidden / "mptrace" / "runtime" / "boot.py").write_text("raise RuntimeError('half an upgrade')\n")
    result = customize("", EXAMPLE, hidden, tmp_path=tmp_path, MPTRACE="1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "hidden sitecustomize\n", "")


def test_pth_and_sitecustomize_together_start_once(hidden: Path, tmp_path: Path) -> None:
    """An interpreter that has both is traced once, and `site` calls the hidden sitecustomize by itself."""
    environment = os.environ | {"PYTHONPATH": f"{EXAMPLE}{os.pathsep}{hidden}", "MPTRACE": "1"}
    environment["MPTRACE_DIR"] = str(tmp_path / "runs")
    result = subprocess.run([sys.executable, "-c", ""], env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "hidden sitecustomize\n", "")
    assert len(list((tmp_path / "runs" / "latest").glob("*.journal"))) == 1
