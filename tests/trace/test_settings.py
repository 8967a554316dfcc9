"""Words in mptrace's environment variables that mean nothing are told, one line each."""

import json
from pathlib import Path

import pytest

from mptrace.records import RUN_FILE
from mptrace.trace import settings
from mptrace.trace.merge import load
from tests.hosts import run

KNOWN = ", ".join(settings.PATCHES)
PATTERN = "is neither a module nor how names begin and a *; say main, off, or for example main,shop.*"


@pytest.mark.parametrize(
    ("name", "value", "troubles"),
    [
        ("MPTRACE_PATCHES", "", []),
        ("MPTRACE_PATCHES", "-imports, -logging-locks,", []),
        ("MPTRACE_PATCHES", "imports,process,waits", []),
        ("MPTRACE_PATCHES", "-import", ["there is no patch 'import'; did you mean 'imports'?"]),
        ("MPTRACE_PATCHES", "Imports,-gc", ["there is no patch 'Imports'; did you mean 'imports'?"]),
        (
            "MPTRACE_PATCHES",
            "xyz,-GC",
            [f"there is no patch 'xyz'; see {KNOWN}", "there is no patch 'GC'; did you mean 'gc'?"],
        ),
        ("MPTRACE_STATEMENTS", "", []),
        ("MPTRACE_STATEMENTS", " OFF ", []),
        ("MPTRACE_STATEMENTS", "main, shop,shop.*,sho*,*", []),
        ("MPTRACE_STATEMENTS", "main,off", [f"'off' {PATTERN}"]),
        ("MPTRACE_STATEMENTS", "1", [f"'1' {PATTERN}"]),
        ("MPTRACE_STATEMENTS", "main;shop", [f"'main;shop' {PATTERN}"]),
        ("MPTRACE_STATEMENTS", "app.py,shop.*.web,-main", [f"'shop.*.web' {PATTERN}", f"'-main' {PATTERN}"]),
        ("MPTRACE_MEMORY", "1", []),
        ("MPTRACE_MEMORY", " No ", []),
        (
            "MPTRACE_MEMORY",
            "banana",
            ["'banana' is neither on (1 true yes on) nor off (0 false no off); memory is not read"],
        ),
        ("MPTRACE_STUCK_AFTER", "", []),
        ("MPTRACE_STUCK_AFTER", "0", []),
        ("MPTRACE_STUCK_AFTER", " 2.5 ", []),
        ("MPTRACE_STUCK_AFTER", "inf", []),
        ("MPTRACE_STUCK_AFTER", "soon", ["'soon' is not a number of seconds; it is taken for 5"]),
        ("MPTRACE_STUCK_AFTER", "-1", ["'-1' is no length of time; it is taken for 0, never"]),
        ("MPTRACE_STUCK_AFTER", "nan", ["'nan' is no length of time; it is taken for 0, never"]),
        ("HOME", "banana", []),
    ],
)  # fmt: skip
def test_word_that_nothing_knows_is_told(name: str, value: str, troubles: list[str]) -> None:
    """What the runtime understands is passed over in silence; the rest is named, with what it is taken for."""
    assert settings.troubles({name: value}) == [f"{name}: {trouble}" for trouble in troubles]


@pytest.mark.parametrize("said", [None, [], "MPTRACE_PATCHES"])
def test_run_that_does_not_repeat_its_settings(said: object) -> None:
    """An older mptrace did not, and then there is nothing to be said."""
    assert settings.troubles(said) == []


def test_run_repeats_its_settings(tmp_path: Path) -> None:
    """As they were, odd bytes included, in run.json; the trace warns of those that say nothing."""
    said = {"MPTRACE_PATCHES": "-import", "MPTRACE_STATEMENTS": "ma\udcffn", "MPTRACE_MEMORY": "0"}
    outcome = run(("-c", ""), traced=True, folder=tmp_path, env=said)
    assert (outcome.status, outcome.stderr) == (0, b"")
    assert outcome.run
    repeated = json.loads((outcome.run / RUN_FILE).read_text())["settings"]
    assert repeated == said | {"MPTRACE_STATEMENTS": "ma\\udcffn"}
    assert list(load([outcome.run]).warnings) == [
        f"{outcome.run.name}/run.json: MPTRACE_PATCHES: there is no patch 'import'; did you mean 'imports'?",
        f"{outcome.run.name}/run.json: MPTRACE_STATEMENTS: 'ma\\\\udcffn' {PATTERN}",
    ]
