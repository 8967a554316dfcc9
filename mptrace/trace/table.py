"""The records of one kind, by field.

Offline. A run may hold a million records of an import. What is done to one field of all of them at a time is done many
times as quickly as what is done to one record after another.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any, Self

# The fields of one record, in the order of FIELDS.
Record = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Records that have the same fields: ``columns`` holds a sequence for each field, and nothing without a record."""

    columns: Sequence[Sequence[Any]] = ()

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """Return the table of *records*."""
        return cls(list(zip(*records, strict=True)))

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def __iter__(self) -> Iterator[Record]:
        return zip(*self.columns, strict=True)


class Shared:
    """Columns that journals have in common, kept once: a thousand processes import the same thousand modules.

    Compared with the last one of the same length, which is quicker than to look up value after value.
    """

    def __init__(self) -> None:
        self._columns: dict[tuple[str, int], Sequence[Any]] = {}

    def texts(self, field: str, column: Sequence[str]) -> Sequence[str]:
        """Return *column*, whose *field* it is, or one that says the same. Each text is kept once in any case."""
        known = self._columns.get((field, len(column)))
        return known if known == column else self._keep(field, tuple(map(intern, column)))

    def numbers(self, field: str, column: Sequence[int]) -> Sequence[int]:
        """Return *column*, whose *field* it is, or one that says the same."""
        known = self._columns.get((field, len(column)))
        return known if known == column else self._keep(field, column)

    def _keep(self, field: str, column: Sequence[Any]) -> Sequence[Any]:
        self._columns[field, len(column)] = column
        return column


def unfinished(begun: Table, ended: Table) -> list[Record]:
    """Return those of *begun* that no record of *ended* finished: both start with thread and begin."""
    if not begun or not ended:
        return list(begun)
    begins_ns = set(begun.columns[1])
    finished = {key for key in zip(*ended.columns[:2], strict=True) if key[1] in begins_ns}
    return [record for record in begun if (record[0], record[1]) not in finished]
