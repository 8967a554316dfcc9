"""The names that `import mptrace` offers, and that a type checker knows them."""

import inspect
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import mptrace
from mptrace.runtime.run import VERSION

NAMES = {
    "Trace", "counter", "instant", "is_enabled", "load", "merge", "ready", "span", "start", "stop", "traced",
}  # fmt: skip


def test_names_are_those_of_the_design() -> None:
    """__all__ and dir() show the API, and nothing that is not part of it."""
    assert set(mptrace.__all__) == NAMES
    assert {name for name in dir(mptrace) if not name.startswith("_")} >= NAMES


def test_every_name_is_there_and_documented() -> None:
    """Each public name can be had, and has a docstring."""
    assert [name for name in sorted(NAMES) if not inspect.getdoc(getattr(mptrace, name))] == []


def test_every_parameter_is_annotated() -> None:
    """Each public function says the type of what it takes and returns."""
    for name in sorted(NAMES - {"Trace"}):
        signature = inspect.signature(getattr(mptrace, name))
        parameters = [p.name for p in signature.parameters.values() if p.annotation is p.empty and p.name != "self"]
        assert (name, parameters) == (name, [])


def test_unknown_name_is_an_attribute_error() -> None:
    """A misspelled name fails as it does in any module."""
    assert not hasattr(mptrace, "spam")


def test_importing_the_package_loads_no_other_module() -> None:
    """`import mptrace` costs one module."""
    program = "import sys; before = set(sys.modules); import mptrace; print(*sorted(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["mptrace"]


def test_package_is_marked_as_typed() -> None:
    """py.typed lies in the package."""
    assert (Path(mptrace.__file__).parent / "py.typed").is_file()


def test_version_is_the_one_in_run_json() -> None:
    """The installed package's version is what mptrace writes into run.json."""
    assert version("mptrace") == VERSION
