"""A journal in memory and a clock that stands still, for the spans of this process."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mptrace.runtime import guard, journal, spans

TID = 7


class Recorded:
    """What has been recorded, and what time it is."""

    def __init__(self) -> None:
        self.now_ns = 1_000
        self.records: list[Any] = []

    def write(self, _at_ns: int, record: str) -> None:
        """Take the place of the journal."""
        self.records.append(json.loads(record))

    def spend(self, duration_ns: int) -> None:
        """Let time pass."""
        self.now_ns += duration_ns

    def spans(self) -> list[list[Any]]:
        """Return [begin_ns, end_ns, name, args] of the spans that ended."""
        return [[begin, end, name, args] for kind, _, begin, end, _, name, args in self._of("x")]

    def names(self) -> list[str]:
        """Return the names of the spans that ended, in that order."""
        return [name for _, _, name, _ in self.spans()]

    def announced(self) -> list[str]:
        """Return the names of the spans that were announced when they began."""
        return [record[4] for record in self._of("b")]

    def _of(self, kind: str) -> list[Any]:
        return [record for record in self.records if record[0] == kind]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Turn spans on, into memory, at nanosecond 1000 of a clock that only a test moves, on thread 7."""
    recorded = Recorded()
    replacements: dict[str, Any] = {
        "now_ns": lambda: recorded.now_ns,
        "write": recorded.write,
        "_is_on": True,
        "_born_ns": 0,
        "_brief": {},
        "_thread": SimpleNamespace(tid=TID),
    }
    for name, value in replacements.items():
        monkeypatch.setattr(spans, name, value)
    monkeypatch.setattr(guard, "now_ns", lambda: recorded.now_ns)
    monkeypatch.setattr(guard, "_failed", set())
    monkeypatch.setattr(journal, "write", recorded.write)
    return recorded


@pytest.fixture
def frames() -> Callable[[BaseException], list[str]]:
    """Return a function that names the functions in an exception's traceback."""

    def names(error: BaseException) -> list[str]:
        found, traceback = [], error.__traceback__
        while traceback:
            found.append(traceback.tb_frame.f_code.co_name)
            traceback = traceback.tb_next
        return found

    return names
