"""Every way to install mptrace activates it, and every way to uninstall it leaves nothing behind."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Nothing is fetched: pip, uv and hatchling are those of the tests' own environment, and the runtime needs none of the
# packages that the commands depend on.
OFFLINE = ("--no-deps", "--no-build-isolation", "--no-index")
PIP = (sys.executable, "-m", "pip")
UV = (sys.executable, "-m", "uv", "pip")
LENT: dict[str, str] = {}

pytestmark = pytest.mark.once


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel of the working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(*PIP, "wheel", "--quiet", *OFFLINE, "--wheel-dir", str(folder), str(ROOT))
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what is needed to build mptrace."""
    folder = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / "mptrace", folder / "mptrace", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "a0_mptrace.pth", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _lent_packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Lend every environment the packages of this one, hatchling among them, but not the mptrace that is under test."""
    folder = tmp_path_factory.mktemp("lent")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "mptrace" not in path.name and path.suffix != ".pth":
            (folder / path.name).symlink_to(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LENT, "PYTHONPATH", str(folder))
        yield


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Return the interpreter of a new virtual environment, with nothing in it."""
    folder = tmp_path / "venv"
    _run(sys.executable, "-m", "virtualenv", "--quiet", "--without-pip", "--python", sys.executable, str(folder))
    return folder / "bin" / "python"


def _run(*command: str, **variables: str) -> str:
    result = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Error" not in result.stderr
    return result.stdout


def _is_traced(python: Path, tmp_path: Path) -> bool:
    """Return whether MPTRACE=1 makes *python* write a run, and check that it prints nothing of ours."""
    runs = tmp_path / "runs"
    shutil.rmtree(runs, ignore_errors=True)
    assert _run(str(python), "-c", "print('host')", MPTRACE="1", MPTRACE_DIR=str(runs)) == "host\n"
    return bool(list(runs.glob("*/*.journal")))


def _files(python: Path) -> set[str]:
    """Return the environment's programs and packages, without the bytecode that running them left."""
    root = python.parents[1]
    paths = [path for folder in ("bin", "lib") for path in (root / folder).rglob("*") if path.suffix != ".pyc"]
    return {str(path.relative_to(root)) for path in paths if path.is_file()}


def _pip_install(python: Path, *what: str) -> None:
    _run(*PIP, "--python", str(python), "install", "--quiet", *OFFLINE, *what, **LENT)


def _uv_install(python: Path, *what: str) -> None:
    _run(*UV, "install", "--quiet", "--python", str(python), "--no-cache", *OFFLINE, *what, **LENT)


def _pip_uninstall(python: Path) -> None:
    _run(*PIP, "--python", str(python), "uninstall", "--quiet", "--yes", "mptrace")


def _uv_uninstall(python: Path) -> None:
    _run(*UV, "uninstall", "--quiet", "--python", str(python), "mptrace")


def test_wheel_holds_what_the_page_is_made_of(wheel: Path) -> None:
    """Templates, style and scripts are no modules, and a tree that is installed editable has them anyhow."""
    templates = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mptrace/report/templates").iterdir()}
    assert len(templates) >= 3
    assert templates <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("uninstall", [_pip_uninstall, _uv_uninstall])
@pytest.mark.parametrize("install", [_pip_install, _uv_install])
@pytest.mark.parametrize("is_editable", [False, True])
def test_install_activates_and_uninstall_removes(
    python: Path,
    source: Path,
    tmp_path: Path,
    is_editable: bool,
    install: Callable[..., None],
    uninstall: Callable[[Path], None],
) -> None:
    """Both pip and uv install the .pth file from a folder, editable or not, and take it away again."""
    before = _files(python)
    assert not _is_traced(python, tmp_path)
    install(python, *(["--editable"] if is_editable else []), str(source))
    assert _is_traced(python, tmp_path)
    uninstall(python)
    assert not _is_traced(python, tmp_path)
    assert _files(python) == before


@pytest.mark.parametrize("install", [_pip_install, _uv_install])
def test_wheel_activates(python: Path, wheel: Path, tmp_path: Path, install: Callable[..., None]) -> None:
    """A wheel that was built elsewhere activates as the folder does."""
    install(python, str(wheel))
    assert _is_traced(python, tmp_path)


def test_deleted_checkout_of_an_editable_install_is_silent(python: Path, source: Path, tmp_path: Path) -> None:
    """When the folder of an editable install is gone, interpreters start untraced, and print nothing."""
    checkout = tmp_path / "checkout"
    shutil.copytree(source, checkout)
    _pip_install(python, "--editable", str(checkout))
    shutil.rmtree(checkout)
    assert not _is_traced(python, tmp_path)


def test_wheel_holds_the_package_and_the_line(wheel: Path) -> None:
    """The wheel's root holds the package, the .pth file and the metadata, and no folder of tests or examples."""
    names = _run(sys.executable, "-m", "zipfile", "--list", str(wheel)).splitlines()[1:]
    roots = {name.split()[0].partition("/")[0] for name in names}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"mptrace", "a0_mptrace.pth"}
    assert any(name.startswith("mptrace/py.typed ") for name in names)
