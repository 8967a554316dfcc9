"""Read and decode the journals of a run.

Offline. Whatever killed a process, or whoever put something else into the folder, one bad file never loses another:
what can be read is, and each kind of trouble is named in one line per file. Links, pipes and devices are passed over:
opening one could block, or lead to what belongs to somebody else.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from stat import S_ISREG
from typing import Any

import orjson

from mptrace.errors import MptraceError
from mptrace.records import (
    END,
    FIELDS,
    LAUNCHER,
    PHASE,
    PROCESS,
    READY,
    RUN_FILE,
    SCHEMA,
    STACKS,
    START,
    START_BEGIN,
    SUFFIX,
)  # fmt: skip
from mptrace.trace import native_stacks
from mptrace.trace.table import Record, Table

NAMES = {kind: tuple(names.split()) for kind, names in FIELDS.items()}
FIRST_KINDS = (PROCESS, LAUNCHER)
NUMBERS = frozenset(
    (
        "schema", "pid", "ppid", "child_pid", "program_pid", "tid", "holder", "start_ticks", "pid_namespace",
        "time_namespace", "line", "count", "records", "size",
    )
)  # fmt: skip
TYPES: Mapping[str, tuple[type, ...]] = {
    "args": (dict,),
    "values": (dict,),
    "argv": (list,),
    "ancestors": (list,),
    "names": (list,),
    "moments": (list,),
    "stacks": (list,),
    "is_failed": (bool, int),
    "is_told": (bool, int),
    "is_chosen": (bool, int),
    "returncode": (int, type(None)),  # null in END where it cannot be known
} | dict.fromkeys(
    # null where the kernel does not say, or nobody counted
    ("on_cpu_ns", "run_queue_ns", "minor_faults", "major_faults", "collections", "collecting_ns"), (int, type(None))
)  # fmt: skip
# Fields that a kind has got since: what older journals, which end before them, are taken to say.
ADDED: Mapping[str, Record] = {
    PROCESS: [0, None, None, []],
    START_BEGIN: ["", 0],
    START: [1, "", 0],
    PHASE: [None, None, None, {}],
    READY: [None] * 4,
    END: [None] * 6,
}
KIND = itemgetter(0)
EMPTY = "is empty"
# Bytes enough for the first record of nearly any journal, and of any, however long its command line is (Linux allows
# 2 MiB).
HEADER_BYTES = (16 << 10, 4 << 20)


@dataclass(frozen=True, slots=True)
class Header:
    """The first record of a journal: whose it is. ``image`` is its fields by name, ``kind`` PROCESS or LAUNCHER."""

    path: Path
    kind: str
    image: Mapping[str, Any]


class Warnings:
    """What was wrong with the files, one line for each kind of trouble in each file."""

    def __init__(self) -> None:
        self._noted: list[tuple[Path, str]] = []

    @property
    def lines(self) -> list[str]:
        """What is wrong, in the order in which it was found."""
        return [f"{path.parent.name}/{path.name}: {text}" for path, text in self._noted]

    def add(self, path: Path, text: str) -> None:
        """Note what is wrong with the file at *path*."""
        self._noted.append((path, text))

    def withdraw(self, path: Path, text: str) -> bool:
        """Take back what is told elsewhere. Return whether it had been noted."""
        is_noted = (path, text) in self._noted
        if is_noted:
            self._noted.remove((path, text))
        return is_noted


def find_journals(folder: Path) -> list[Path]:
    """Return the journals in a run's folder, by name. Raises MptraceError when it is not the folder of a run."""
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        raise MptraceError(f"there is no folder {str(folder)!r}") from None
    except OSError as error:
        raise MptraceError(f"cannot read {str(folder)!r}: {error.strerror}") from None
    journals = [folder / name for name in names if name.endswith(SUFFIX)]
    if not journals and RUN_FILE not in names:
        raise MptraceError(f"{str(folder)!r} is not the folder of a run: it holds neither {RUN_FILE} nor a journal")
    return journals


def read_header(path: Path, warnings: Warnings) -> Header | None:
    """Return whose journal this is, or None, with a warning, when it cannot be read or is none of ours."""
    content = b""
    try:
        for size in HEADER_BYTES:
            if b"\n" not in content:
                content = content_of(path, size)
    except OSError as error:
        warnings.add(path, why_unread(error))
        return None
    trouble, record = _first_record(content)
    if trouble:
        warnings.add(path, trouble)
        return None
    kind = record[0]
    return Header(path, kind, dict(zip(NAMES[kind], record[1:], strict=False)))


def read_records(path: Path, warnings: Warnings) -> dict[str, Table]:
    """Return a journal's records by kind, their fields in the order of FIELDS.

    What is not a record is left out, with one warning for each kind of trouble.
    """
    try:
        content = content_of(path)
    except OSError as error:
        warnings.add(path, why_unread(error))
        return {}
    troubles: Counter[str] = Counter()
    lines, _, tail = content.rpartition(b"\n")
    if tail:
        troubles["torn tail: its last line was cut short"] += 1
        if _decode_line(tail) is not None:
            lines = content  # only the line's end is missing
    texts: list[native_stacks.Threads] = []
    if native_stacks.HEADER in lines:
        records, texts = native_stacks.take(lines.split(b"\n"))
        lines = b"\n".join(records)
    by_kind = _sort(_decode(lines, troubles), troubles)
    if texts:
        by_kind[STACKS] = Table.of([*by_kind[STACKS], *([0, 0, "", threads] for threads in texts)])
    for trouble, count in troubles.items():
        warnings.add(path, trouble if count == 1 else f"{trouble} ({count} times)")
    return by_kind


def content_of(path: Path, size: int = -1) -> bytes:
    """Return what a regular file holds. Never follows a link and never waits. Raises OSError."""
    # Looked at before it is opened: opening some devices does something.
    if not S_ISREG(os.lstat(path).st_mode):
        raise OSError(0, "is not a regular file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        if not S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "is not a regular file")
        return file.read(size)


def why_unread(error: OSError) -> str:
    """Return what to say of a file that could not be read."""
    return str(error.strerror) if error.errno == 0 else f"cannot be read: {error.strerror}"


def _first_record(content: bytes) -> tuple[str, Record]:
    """Return the first record, or what is wrong with it."""
    if not content:
        return EMPTY, ()
    line, newline, _ = content.partition(b"\n")
    record = _decode_line(line)
    if record is None and not newline:
        return "torn tail: its first record was cut short", ()
    if record is None or record[0] not in FIRST_KINDS or len(record) < 2 or type(record[1]) is not int:
        return "is not a journal of mptrace", ()
    if record[1] > SCHEMA:
        return f"was written by a newer mptrace (schema {record[1]}, this one reads {SCHEMA})", ()
    columns = _columns(record[0], [record]) if record[1] == SCHEMA else None
    if columns is None:
        return "is not a journal of mptrace", ()
    return "", [record[0], *(column[0] for column in columns)]


def _decode_line(line: bytes) -> list[Any] | None:
    """Return a line as an array that begins with a kind, or None."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if _is_record(record) else None


def _is_record(value: Any) -> bool:
    return type(value) is list and bool(value) and type(value[0]) is str


def _decode(lines: bytes, troubles: Counter[str]) -> list[list[Any]]:
    """Return the lines as arrays. A sound file is decoded in one go, which is twice as fast as line by line."""
    try:
        records: list[list[Any]] = orjson.loads(b"[" + lines.replace(b"\n", b",") + b"]")
    except orjson.JSONDecodeError:
        records = []
    # Two torn lines can make one array between them; then there are fewer arrays than lines.
    if len(records) == lines.count(b"\n") + 1 and _are_records(records):
        return records
    decoded = [_decode_line(line) for line in lines.split(b"\n") if line]
    whole = [record for record in decoded if record is not None]
    if len(whole) < len(decoded):
        troubles["torn line: what it said is lost"] += len(decoded) - len(whole)
    return whole


def _are_records(values: Sequence[Any]) -> bool:
    """Return whether all of *values* are records; quicker than asking _is_record() for each."""
    return {list}.issuperset(map(type, values)) and all(values) and {str}.issuperset(map(type, map(KIND, values)))


def _sort(records: Sequence[list[Any]], troubles: Counter[str]) -> dict[str, Table]:
    """Return the fields of *records* by kind, without those that are not what FIELDS says."""
    by_kind: dict[str, list[list[Any]]] = {kind: [] for kind in NAMES}
    for kind, group in groupby(records, KIND):
        if kind in by_kind:
            by_kind[kind] += group
        else:
            # One warning for a kind, however often it occurs.
            troubles[f"unknown kind of record {kind[:20]!r}"] = 1
    return {kind: _fields(kind, group, troubles) for kind, group in by_kind.items()}


def _fields(kind: str, records: Sequence[list[Any]], troubles: Counter[str]) -> Table:
    """Return the fields of those records of one kind that are as FIELDS says."""
    columns = _columns(kind, records)
    if columns is not None:
        return Table(columns)
    found: list[Record] = []
    for record in records:
        columns = _columns(kind, [record])
        if columns is not None:
            found += zip(*columns, strict=True)
        elif len(record) <= len(NAMES[kind]) - len(ADDED.get(kind, ())):
            troubles[f"missing fields in a record of kind {kind!r}"] += 1
        else:
            troubles[f"wrong type of field in a record of kind {kind!r}"] += 1
    return Table.of(found)


def _columns(kind: str, records: Sequence[Record]) -> list[Record] | None:
    """Return one sequence for each field of *records*, or None if any of them is not as FIELDS says.

    More fields than those are no harm. Looking at columns is much quicker than at records, of which there are millions.
    """
    types = FIELD_TYPES[kind]
    try:
        columns: list[Record] = list(islice(zip(*records, strict=True), 1, len(types) + 1))
    except ValueError:
        return None  # some end before others do
    missing = len(types) - len(columns) if records else 0
    added = ADDED.get(kind, ())
    if missing > len(added):
        return None
    columns += [(value,) * len(records) for value in added[len(added) - missing :]]
    is_whole = all(types[number].issuperset(map(type, column)) for number, column in enumerate(columns))
    return columns if is_whole and all(map(_holds, NAMES[kind], columns)) else None


def _holds(name: str, column: Record) -> bool:
    """Return whether the lists or dicts of a field hold only what they may."""
    if name == "argv":
        return all(type(word) is str for words in column for word in words)
    return name != "values" or all(type(number) in (int, float) for numbers in column for number in numbers.values())


def _types(name: str) -> tuple[type, ...]:
    if name in TYPES:
        return TYPES[name]
    return (int,) if name.endswith("_ns") or name in NUMBERS else (str,)


FIELD_TYPES = {kind: [frozenset(_types(name)) for name in names] for kind, names in NAMES.items()}
