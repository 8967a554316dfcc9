"""Read and decode the files of a run: its journals and run.json.

Offline. Whatever killed a process, or whoever put something else into the folder, one bad file never loses another:
what can be read is, and each kind of trouble is named in one line per file. Links, pipes and devices are passed over:
opening one could block, or lead to what belongs to somebody else.
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any

import orjson

from mptrace.errors import MptraceError
from mptrace.records import END, FIELDS, LAUNCHER, PHASE, PROCESS, READY, RUN_FILE, SCHEMA, SUFFIX

Record = Sequence[Any]

NAMES = {kind: tuple(names.split()) for kind, names in FIELDS.items()}
FIRST_KINDS = (PROCESS, LAUNCHER)
NUMBERS = frozenset(
    (
        "schema", "pid", "ppid", "child_pid", "program_pid", "tid", "holder", "start_ticks", "pid_namespace",
        "time_namespace", "line", "count", "records",
    )
)  # fmt: skip
TYPES: Mapping[str, tuple[type, ...]] = {
    "args": (dict,),
    "values": (dict,),
    "argv": (list,),
    "is_failed": (bool, int),
    "is_told": (bool, int),
    "returncode": (int, type(None)),  # null in END where it cannot be known
} | dict.fromkeys(
    # null where the kernel does not say, or nobody counted
    ("on_cpu_ns", "run_queue_ns", "minor_faults", "major_faults", "collections", "collecting_ns"), (int, type(None))
)  # fmt: skip
# Fields that a kind has got since: what older journals, which end before them, are taken to say.
ADDED: Mapping[str, Record] = {
    PROCESS: [0, None, None],
    PHASE: [None, None, None, {}],
    READY: [None] * 4,
    END: [None] * 6,
}
# Bytes enough for the first record of any journal, however long its command line is (Linux allows 2 MiB).
HEADER_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """The first record of a journal: whose it is. ``image`` is its fields by name, ``kind`` PROCESS or LAUNCHER."""

    path: Path
    kind: str
    image: Mapping[str, Any]


class Warnings:
    """What was wrong with the files, one line for each kind of trouble in each file."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: Path, text: str) -> None:
        """Note what is wrong with the file at *path*."""
        self.lines.append(f"{path.parent.name}/{path.name}: {text}")


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


def read_run(folder: Path, warnings: Warnings) -> Mapping[str, Any]:
    """Return run.json as it stands; empty, with a warning, when it cannot be read."""
    path = folder / RUN_FILE
    try:
        run = orjson.loads(_content(path))
    except FileNotFoundError:
        warnings.add(path, "is missing: what was run, and where, is not known")
    except OSError as error:
        warnings.add(path, _why(error))
    except orjson.JSONDecodeError:
        warnings.add(path, "is not valid JSON")
    else:
        if isinstance(run, dict):
            return run
        warnings.add(path, "is not a JSON object")
    return {}


def read_header(path: Path, warnings: Warnings) -> Header | None:
    """Return whose journal this is, or None, with a warning, when it cannot be read or is none of ours."""
    try:
        content = _content(path, HEADER_BYTES)
    except OSError as error:
        warnings.add(path, _why(error))
        return None
    trouble, record = _first_record(content)
    if trouble:
        warnings.add(path, trouble)
        return None
    kind = record[0]
    return Header(path, kind, dict(zip(NAMES[kind], _completed(record)[1:], strict=False)))


def read_records(path: Path, warnings: Warnings) -> dict[str, list[Record]]:
    """Return a journal's records by kind, each as a list of its fields in the order of FIELDS.

    What is not a record is left out, with one warning for each kind of trouble.
    """
    try:
        content = _content(path)
    except OSError as error:
        warnings.add(path, _why(error))
        return {}
    troubles: Counter[str] = Counter()
    lines = content.split(b"\n")
    if tail := lines.pop():
        troubles["torn tail: its last line was cut short"] += 1
        if _decode_line(tail) is not None:
            lines.append(tail)  # only the line's end is missing
    by_kind = _sort(_decode(lines, troubles), troubles)
    for trouble, count in troubles.items():
        warnings.add(path, trouble if count == 1 else f"{trouble} ({count} times)")
    return by_kind


def _content(path: Path, size: int = -1) -> bytes:
    """Return what a regular file holds. Never follows a link and never waits. Raises OSError."""
    # Looked at before it is opened: opening some devices does something.
    if not S_ISREG(os.lstat(path).st_mode):
        raise OSError(0, "is not a regular file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        if not S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "is not a regular file")
        return file.read(size)


def _why(error: OSError) -> str:
    return str(error.strerror) if error.errno == 0 else f"cannot be read: {error.strerror}"


def _first_record(content: bytes) -> tuple[str, Record]:
    """Return the first record, or what is wrong with it."""
    if not content:
        return "is empty", ()
    line, newline, _ = content.partition(b"\n")
    record = _decode_line(line)
    if record is None and not newline:
        return "torn tail: its first record was cut short", ()
    if record is None or record[0] not in FIRST_KINDS or len(record) < 2 or type(record[1]) is not int:
        return "is not a journal of mptrace", ()
    if record[1] > SCHEMA:
        return f"was written by a newer mptrace (schema {record[1]}, this one reads {SCHEMA})", ()
    whole = _completed(record)
    if record[1] != SCHEMA or not _is_whole(whole):
        return "is not a journal of mptrace", ()
    return "", whole


def _decode_line(line: bytes) -> list[Any] | None:
    """Return a line as an array that begins with a kind, or None."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if _is_record(record) else None


def _is_record(value: Any) -> bool:
    return type(value) is list and bool(value) and type(value[0]) is str


def _decode(lines: Sequence[bytes], troubles: Counter[str]) -> list[list[Any]]:
    """Return the lines as arrays. A sound file is decoded in one go, which is twice as fast as line by line."""
    try:
        records: list[list[Any]] = orjson.loads(b"[" + b",".join(lines) + b"]")
    except orjson.JSONDecodeError:
        records = []
    # Two torn lines can make one array between them; then there are fewer arrays than lines.
    if len(records) == len(lines) and all(_is_record(record) for record in records):
        return records
    decoded = [_decode_line(line) for line in lines if line]
    whole = [record for record in decoded if record is not None]
    if len(whole) < len(decoded):
        troubles["torn line: what it said is lost"] += len(decoded) - len(whole)
    return whole


def _sort(records: Sequence[list[Any]], troubles: Counter[str]) -> dict[str, list[Record]]:
    """Return the fields of *records* by kind, without those that are not what FIELDS says."""
    by_kind: dict[str, list[Record]] = {kind: [] for kind in NAMES}
    # The shapes (kind, and type of each field) met so far: a few dozen, however many records there are.
    takers: dict[tuple[Any, ...], Callable[[list[Any]], None] | None] = {}
    for record in records:
        shape = (record[0], *map(type, record))
        if shape not in takers:
            takers[shape] = _taker(record, by_kind)
        take = takers[shape]
        if take:
            take(record)
        else:
            troubles[_trouble(record)] += 1
    # An unknown kind is one warning, however often it occurs.
    for trouble in [trouble for trouble in troubles if trouble.startswith("unknown kind")]:
        troubles[trouble] = 1
    return by_kind


def _taker(record: Record, by_kind: dict[str, list[Record]]) -> Callable[[list[Any]], None] | None:
    """Return what stores records of this shape, or None if they are not to be stored."""
    kind = record[0]
    if kind not in NAMES or not _is_whole(_completed(record)):
        return None
    end = len(NAMES[kind]) + 1
    append = by_kind[kind].append
    if len(record) < end:
        return lambda record: append(_completed(record)[1:end])
    return lambda record: append(record[1:end])


def _completed(record: Record) -> Record:
    """Return a record with the fields that its kind has got since it was written."""
    added = ADDED.get(record[0], ())
    absent = len(NAMES[record[0]]) + 1 - len(record)
    return [*record, *added[len(added) - absent :]] if 0 < absent <= len(added) else record


def _trouble(record: Record) -> str:
    if record[0] not in NAMES:
        return f"unknown kind of record {record[0][:20]!r}"
    if len(record) <= len(NAMES[record[0]]):
        return f"missing fields in a record of kind {record[0]!r}"
    return f"wrong type of field in a record of kind {record[0]!r}"


def _is_whole(record: Record) -> bool:
    """Return whether every field that FIELDS names is there and of its type. More fields are no harm."""
    names = NAMES[record[0]]
    return len(record) > len(names) and all(
        type(value) in _types(name) for name, value in zip(names, record[1:], strict=False)
    )


def _types(name: str) -> tuple[type, ...]:
    if name in TYPES:
        return TYPES[name]
    return (int,) if name.endswith("_ns") or name in NUMBERS else (str,)
