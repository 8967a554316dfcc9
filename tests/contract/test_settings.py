"""What the offline half calls known in a setting is what the runtime understands."""

import re
from pathlib import Path

from mptrace.runtime import config
from mptrace.runtime.patches import PATCHES
from mptrace.trace import settings

RUNTIME = Path(config.__file__).parent


def test_known_patches_are_those_that_can_be_left_out() -> None:
    """The rows of the table, and each name that a file of the runtime asks config.is_wanted() for."""
    asking = [path.read_text() for path in RUNTIME.rglob("*.py") if "config.is_wanted(NAME)" in path.read_text()]
    asked = [name for text in asking for name in re.findall(r'^NAME = "(.*)"', text, re.MULTILINE)]
    assert asked == ["waits"]
    assert sorted({name for name, _, _ in PATCHES} | set(asked)) == list(settings.PATCHES)


def test_known_words_and_numbers_are_those_of_the_runtime() -> None:
    """On, off, and what a number that is none is taken for."""
    assert (settings.ON, settings.OFF) == (config.ON, config.OFF)
    assert settings.DEFAULT_STUCK_AFTER_S == config.DEFAULT_STUCK_AFTER_S


def test_every_setting_that_is_repeated_is_looked_at() -> None:
    """run.json repeats nothing that nobody looks at, and lacks nothing that somebody would."""
    assert set(settings.LOOKS) == set(config.SETTINGS)
