"""Settings that say nothing: words in the environment variables that no part of mptrace knows.

Offline. The runtime takes what it understands and passes over the rest, because a traced process prints nothing. So
run.json repeats what the variables said, and here it is looked at. What is known is repeated too, as the offline half
does not load the runtime; a contract test keeps both the same.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

PATCHES = (
    "creations", "exec", "exit", "extensions", "forks", "gc", "imports", "logging-locks", "manager", "pool", "preload",
    "process", "server", "spans", "statements", "stuck", "subprocess", "waits",
)  # fmt: skip
ON = ("1", "true", "yes", "on")
OFF = ("", "0", "false", "no", "off")
DEFAULT_STUCK_AFTER_S = 5


def troubles(settings: Any) -> list[str]:
    """Return what is wrong with *settings*, variables of the environment by name, one line for each word."""
    if not isinstance(settings, Mapping):
        return []  # of an older mptrace, or of somebody else
    return [
        f"{name}: {trouble}"
        for name, look in LOOKS.items()
        if name in settings
        for trouble in look(str(settings[name]))
    ]


def _patches(value: str) -> Iterator[str]:
    for word in _listed(value):
        name = word.removeprefix("-")
        if name not in PATCHES:
            near = difflib.get_close_matches(name.lower(), PATCHES, 1)
            yield f"there is no patch {name!r}; " + (
                f"did you mean {near[0]!r}?" if near else "see " + ", ".join(PATCHES)
            )


def _statements(value: str) -> Iterator[str]:
    if value.strip().lower() in OFF:
        return
    for word in _listed(value):
        parts = word.removesuffix("*").removesuffix(".").split(".")
        # A module can be called `on`, but who writes that wants to turn something on.
        if word.lower() in ON + OFF or not (word == "*" or all(part.isidentifier() for part in parts)):
            yield f"{word!r} is neither a module nor how names begin and a *; say main, off, or for example main,shop.*"


def _memory(value: str) -> Iterator[str]:
    if value.strip().lower() not in ON + OFF:
        yield f"{value!r} is neither on ({' '.join(ON)}) nor off (0 false no off); memory is not read"


def _stuck_after(value: str) -> Iterator[str]:
    try:
        after_s = float(value or DEFAULT_STUCK_AFTER_S)
    except ValueError:
        yield f"{value!r} is not a number of seconds; it is taken for {DEFAULT_STUCK_AFTER_S}"
        return
    if not after_s >= 0:  # nan too
        yield f"{value!r} is no length of time; it is taken for 0, never"


def _listed(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


LOOKS = {
    "MPTRACE_PATCHES": _patches,
    "MPTRACE_STATEMENTS": _statements,
    "MPTRACE_MEMORY": _memory,
    "MPTRACE_STUCK_AFTER": _stuck_after,
}
