"""A module that cannot be imported fails the same with and without tracing, whichever way it is reached.

The programs are every pair of a module in programs/failing/modules.txt and a route in programs/failing/routes.txt.
"""

import sys
from pathlib import Path

import pytest

from tests.host.scripts import Script, differences, load
from tests.hosts import PROGRAMS

MODULES = [script for script in load(PROGRAMS / "failing" / "modules.txt") if script.is_for_us]
ROUTES = load(PROGRAMS / "failing" / "routes.txt")
# Each Python takes every STRIDE-th pair, and another one for each version: five versions go through nearly all.
STRIDE = 4


def through(route: Script, subject: Script) -> Script:
    """Return the program that imports the module *subject* describes through *route*."""
    title, _, name = subject.title.rpartition(": ")
    files = {path: text.replace("MODULE", name) for path, text in route.files.items()}
    prelude = "import prelude\n" if "prelude.py" in subject.files else ""
    return Script(f"{title} / {route.title}", files=subject.files | files | {"main.py": prelude + files["main.py"]})


def pairs(number: int) -> list[Script]:
    """Return the programs with the module of that *number* which are this version's share."""
    share = number + sys.version_info.minor
    return [through(route, MODULES[number]) for route in ROUTES[share % STRIDE :: STRIDE]]


@pytest.mark.parametrize("number", range(len(MODULES)), ids=[module.title for module in MODULES])
def test_failing_import_looks_the_same(number: int, tmp_path: Path) -> None:
    """Output and exit status of a failing import do not depend on tracing."""
    found = [differences(script, tmp_path / str(place)) for place, script in enumerate(pairs(number))]
    assert not any(found), "".join(found)


@pytest.mark.once
@pytest.mark.parametrize("number", range(len(MODULES)), ids=[module.title for module in MODULES])
def test_failing_import_looks_the_same_through_every_route(number: int, tmp_path: Path) -> None:
    """No pair of module and route is left out on the version that runs everything."""
    scripts = [through(route, MODULES[number]) for route in ROUTES]
    found = [differences(script, tmp_path / str(place)) for place, script in enumerate(scripts)]
    assert not any(found), "".join(found)
