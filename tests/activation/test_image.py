"""The .pyc of the package that holds the code of all its files: made once, used from then on, never out of date."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mptrace

ROOT = Path(__file__).parents[2]
PACKAGE = Path(mptrace.__file__).parent
# What stands in the source is one row; the image holds one for each file.
REPORT = """
import linecache_probe, sys
print(len(sys.modules["mptrace.runtime"].IMAGE), sys.modules["mptrace.runtime.clock"].__doc__)
"""


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    """Return a folder of packages with a fresh copy of mptrace, its .pth file, and something to import."""
    folder = tmp_path / "site-packages"
    shutil.copytree(PACKAGE, folder / "mptrace", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "a0_mptrace.pth", folder)
    (folder / "linecache_probe.py").write_text("")
    return folder


def traced(site_packages: Path, limit: int = resource.RLIM_INFINITY, report: str = "", **variables: str) -> str:
    """Run a bare interpreter that reads the folder as its own; return what it says of the image, and *report* does.

    It cannot write files of more than *limit* bytes, and is not STRICT then: it has a failure to keep to itself.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MPTRACE", "PYTHON"))}
    environment |= {"MPTRACE": "1", "MPTRACE_STRICT": "1", "MPTRACE_DIR": str(site_packages.parent / "runs")}
    program = f"import site; site.addsitedir({str(site_packages)!r}){REPORT}{report}"
    words = [sys.executable, "-S", "-P", "-c", program]
    if limit != resource.RLIM_INFINITY:
        environment["MPTRACE_STRICT"] = "0"
    result = subprocess.run(
        words, env=environment | variables, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)),
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.strip()


def test_first_run_makes_the_image_and_the_second_uses_it(site_packages: Path) -> None:
    """Without an image there is one row and docstrings; with it a row for each file, and none."""
    assert traced(site_packages).startswith("1 The clock of every record")
    assert traced(site_packages) == "7 None"


def test_changed_source_is_not_taken_from_the_image(site_packages: Path) -> None:
    """Whoever edits a file sees the edit in the next process, and an image of it in the one after that."""
    traced(site_packages)
    clock = site_packages / "mptrace" / "runtime" / "clock.py"
    clock.write_text(clock.read_text().replace('"""The clock of', '"""The edited clock of'))
    assert traced(site_packages).startswith("7 The edited clock of")
    assert traced(site_packages) == "7 None"


@pytest.mark.parametrize("edited", [["hooks"], ["patching"], ["hooks", "patching"]], ids="+".join)
def test_changed_source_of_a_later_image_is_in_it_from_the_run_after_next(
    site_packages: Path, edited: list[str]
) -> None:
    """Not every process loads these, so that they are out of date is noticed late: the root sees to it as it ends."""
    for _ in range(2):
        traced(site_packages)
    for name in edited:
        file = site_packages / "mptrace" / "runtime" / f"{name}.py"
        file.write_text(file.read_text().replace('"""', '"""Edited: ', 1))
    report = f"\nprint([(sys.modules['mptrace.runtime.' + name].__doc__ or 'image')[:6] for name in {edited}])"

    assert traced(site_packages, report=report).endswith(str(["Edited"] * len(edited)))
    assert traced(site_packages, report=report).endswith(str(["image"] * len(edited)))


def test_changed_package_file_drops_the_image(site_packages: Path) -> None:
    """The image is a .pyc like any other: Python makes it anew when its own source changes."""
    traced(site_packages)
    package = site_packages / "mptrace" / "runtime" / "__init__.py"
    package.write_text(package.read_text() + "\n# Edited.\n")
    assert traced(site_packages).startswith("1 ")
    assert traced(site_packages) == "7 None"


def test_no_image_where_bytecode_is_not_written(site_packages: Path) -> None:
    """PYTHONDONTWRITEBYTECODE holds for us too."""
    traced(site_packages, PYTHONDONTWRITEBYTECODE="1")
    assert traced(site_packages, PYTHONDONTWRITEBYTECODE="1").startswith("1 ")
    assert not list(site_packages.rglob("*.pyc"))


def test_disk_that_is_full_leaves_no_half_image(site_packages: Path) -> None:
    """Where not all of it can be written nothing is, and whoever comes later makes it."""
    # The .pyc files of Python's own are there, and smaller than ours.
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(site_packages / "mptrace")], check=True)
    folder = site_packages / "mptrace" / "runtime" / "__pycache__"
    files = {path: path.read_bytes() for path in folder.iterdir()}
    limit = max(map(len, files.values())) + 1
    assert traced(site_packages, limit=limit).startswith("1 The clock of every record")
    assert {path: path.read_bytes() for path in folder.iterdir()} == files
    assert traced(site_packages).startswith("1 ")
    assert traced(site_packages) == "7 None"


def test_damaged_image_is_passed_over_in_silence(site_packages: Path) -> None:
    """A .pyc that is torn leaves the host untraced and undisturbed."""
    traced(site_packages)
    (image,) = (site_packages / "mptrace" / "runtime" / "__pycache__").glob("__init__.*.pyc")
    image.write_bytes(image.read_bytes()[:200])
    program = f"import site; site.addsitedir({str(site_packages)!r}); print('host')"
    environment = os.environ | {"MPTRACE": "1", "MPTRACE_DIR": str(site_packages.parent / "runs")}
    result = subprocess.run(
        [sys.executable, "-S", "-P", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "host\n", "")
