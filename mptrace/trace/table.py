"""The records of one kind, by field.

Offline. A run may hold a million records of an import. What is done to one field of all of them at a time is done many
times as quickly as what is done to one record after another.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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


def unfinished(begun: Table, ended: Table) -> list[Record]:
    """Return those of *begun* that no record of *ended* finished: both start with thread and begin."""
    if not begun or not ended:
        return list(begun)
    begins_ns = set(begun.columns[1])
    finished = {key for key in zip(*ended.columns[:2], strict=True) if key[1] in begins_ns}
    return [record for record in begun if (record[0], record[1]) not in finished]
