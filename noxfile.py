"""The version matrix: ``nox`` checks the style, then runs the tests on every Python from 3.11 to 3.15 that is here.

A Python that is missing is reported as a skipped session. ``nox -s "tests(3.13)"`` runs one, ``nox -s benchmarks``
measures what tracing costs. What follows ``--`` goes to pytest.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nox

VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
PROJECT = nox.project.load_toml("pyproject.toml")

nox.options.sessions = ["lint", "tests"]
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False


def candidates(version: str) -> Iterator[str]:
    """Yield where a Python of *version* may be: on PATH, among pyenv's, or where .ci/run unpacks the newest."""
    yield shutil.which(f"python{version}") or ""
    for folder in sorted(Path.home().glob(f".pyenv/versions/{version}.*"), reverse=True):
        yield str(folder / "bin" / "python")
    yield str(Path.home() / ".cache/mptrace-pythons/usr/bin" / f"python{version}")


def works(python: str, version: str) -> bool:
    """Return whether *python* runs and is of *version*: pyenv's shims exist for versions that are switched off."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.strip() == version


PYTHONS = {
    version: next((python for python in candidates(version) if python and works(python, version)), None)
    for version in VERSIONS
}
PRESENT = [version for version in VERSIONS if PYTHONS[version]]
# The tests marked `once` run on the newest version that every package they need has had time to support.
FULL = next((version for version in ("3.13", "3.12", "3.11") if version in PRESENT), None)


def group(*names: str) -> list[str]:
    """Return the requirements of dependency groups in pyproject.toml."""
    return list(nox.project.dependency_groups(PROJECT, *names))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and types."""
    session.install(".", "nox", *group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")


def run_tests(session: nox.Session, chosen: str, *options: str) -> None:
    """Run the tests marked as *chosen* says; those marked `once` on one version alone."""
    version = session.name.partition("(")[2].rstrip(")")
    if version not in PRESENT:
        session.skip(f"there is no Python {version} on this machine: NOTHING WAS TESTED ON IT")
    is_full = version == FULL
    session.install(".", *group("test", *(["once"] if is_full else [])))
    session.run("pytest", *options, "-m", chosen if is_full else f"{chosen} and not once", *session.posargs)


@nox.session
@nox.parametrize("python", [nox.param(PYTHONS[version] or False, id=version) for version in VERSIONS])
def tests(session: nox.Session) -> None:
    """Run the tests on one version of Python, but for those that must have the machine to themselves: quiet()."""
    run_tests(session, "not benchmark and not quiet", "-n", "auto")


@nox.session
@nox.parametrize("python", [nox.param(PYTHONS[version] or False, id=version) for version in VERSIONS])
def quiet(session: nox.Session) -> None:
    """Run what is measured against the clock, on every version; the machine is to do nothing else meanwhile."""
    run_tests(session, "quiet")


@nox.session(python=FULL and PYTHONS[FULL])
def benchmarks(session: nox.Session) -> None:
    """Measure what tracing costs the host."""
    session.install(".", *group("test"))
    session.run("python", "tests/benchmarks/cost.py")
    session.run("pytest", "-m", "benchmark", *session.posargs)
