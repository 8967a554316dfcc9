"""A traced host prints the same bytes and ends the same way, whatever it does.

It has children that fail, warns and logs, looks at the stack, or turns against its own process. The programs
are in programs/failing/. A program with METHOD in it is run for each start method.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.host.scripts import Script, differences, load
from tests.hosts import PROGRAMS

STRIDE = 4
START_METHODS = ("fork", "spawn", "forkserver")


def programs(family: str) -> list[ParameterSet]:
    """Return the programs of a family that are meant for this Python, once for each start method they name.

    Each Python runs every STRIDE-th, and another one for each version; the one that runs everything leaves out none.
    """
    return [
        pytest.param(script, marks=() if (number + sys.version_info.minor) % STRIDE == 0 else pytest.mark.once)
        for number, script in enumerate(_programs(family))
    ]


def _programs(family: str) -> Iterator[Script]:
    for script in load(PROGRAMS / "failing" / f"{family}.txt"):
        if not script.is_for_us:
            continue
        methods = START_METHODS if any("METHOD" in text for text in script.files.values()) else ("",)
        for method in methods:
            files = {path: text.replace("METHOD", method) for path, text in script.files.items()}
            yield Script(f"{script.title} ({method})" if method else script.title, files=files)


def title(script: Script) -> str:
    """Return the name of a program's test."""
    return script.title


@pytest.mark.parametrize("script", programs("children"), ids=title)
def test_failing_child_looks_the_same(script: Script, tmp_path: Path) -> None:
    """What children print, and how they end, does not depend on tracing."""
    assert not (found := differences(script, tmp_path)), found


@pytest.mark.parametrize("script", programs("warnings"), ids=title)
def test_warning_names_the_same_place(script: Script, tmp_path: Path) -> None:
    """Warnings and log records name the file and line that they name without tracing, and are shown as often."""
    assert not (found := differences(script, tmp_path)), found


@pytest.mark.parametrize("script", programs("forks"), ids=title)
def test_fork_is_the_same(script: Script, tmp_path: Path) -> None:
    """At-fork handlers run in the same order, fail in the same words, and lose no signal."""
    assert not (found := differences(script, tmp_path)), found


@pytest.mark.parametrize("script", programs("logging"), ids=title)
def test_logging_works_the_same(script: Script, tmp_path: Path) -> None:
    """Locks of logging look and behave like those of others, and whoever waits for one can be interrupted."""
    assert not (found := differences(script, tmp_path)), found


@pytest.mark.parametrize("script", programs("walks"), ids=title)
def test_stack_looks_the_same(script: Script, tmp_path: Path) -> None:
    """Whoever walks the stack meets no frame of ours, and whoever looks around finds nothing else of ours."""
    assert not (found := differences(script, tmp_path)), found


@pytest.mark.parametrize("script", programs("hostile"), ids=title)
def test_hostile_program_is_not_harmed(script: Script, tmp_path: Path) -> None:
    """What a program does to its own process works as without tracing, and what can be recorded after it, is."""
    assert not (found := differences(script, tmp_path)), found


@pytest.mark.parametrize("script", programs("programs"), ids=title)
def test_programs_are_started_and_executed_the_same(script: Script, tmp_path: Path) -> None:
    """Programs start, fail to start, and end as without tracing, and exceptions look the same."""
    assert not (found := differences(script, tmp_path)), found
