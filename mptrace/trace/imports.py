"""From the records of the imports of one process to the imports of the model.

Offline. A run may hold a million of them, so that nothing here is done for one import after another that can be done
for one field of all of them. Values that many imports share are kept once, which is most of a large trace's memory.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, cast

from mptrace.records import IMPORT, IMPORT_BEGIN
from mptrace.trace.model import Import
from mptrace.trace.table import Shared, Table, unfinished

# How a module was loaded, by the class of its loader. SourceFileLoader is source or bytecode: see _loader().
LOADERS: Mapping[str, str] = {
    "SourcelessFileLoader": "bytecode",
    "ExtensionFileLoader": "extension",
    "BuiltinImporter": "builtin",
    "FrozenImporter": "frozen",
    "NamespaceLoader": "namespace",
    "_NamespaceLoader": "namespace",
    "NoneType": "namespace",
    "zipimporter": "zip",
}
# What Import._make() does, without a call of Python for each.
_make = cast("Callable[[type[Import], Iterable[Any]], Import]", tuple.__new__)


def imports(records: Mapping[str, Table], shift_ns: int, shared: Shared) -> list[Import]:
    """Return the imports that one journal tells of, whose clock is *shift_ns* behind the trace's."""
    # That one without an end was found is known, for it was announced; when it was is not.
    return _finished(records[IMPORT], shift_ns, shared) + [
        Import(module, tid, max(0, begin_ns + shift_ns), None, importer, line, "", None, None, None, 0, None, False)
        for tid, begin_ns, module, importer, line in unfinished(records[IMPORT_BEGIN], records[IMPORT])
    ]


def _finished(table: Table, shift_ns: int, shared: Shared) -> list[Import]:
    if not table:
        return []
    (
        tids, begun_ns, walls_ns, modules, importers, lines, loaders, loads_ns, execs_ns, compiles_ns, waits_ns,
        holders, failures,
    ) = table.columns  # fmt: skip
    begins_ns = [begin_ns + shift_ns for begin_ns in begun_ns]
    if min(begins_ns) < 0:
        begins_ns = [max(0, begin_ns) for begin_ns in begins_ns]
    columns: list[Iterable[Any]] = [
        shared.texts("module", modules),
        _each_once(tids),
        begins_ns,
        [
            begin_ns + wall_ns if wall_ns > 0 else begin_ns
            for begin_ns, wall_ns in zip(begins_ns, walls_ns, strict=True)
        ],
        shared.texts("importer", importers),
        shared.numbers("line", lines),
        shared.texts("loader", _loaders(loaders, compiles_ns)),
        _moments(begins_ns, loads_ns),
        _moments(begins_ns, compiles_ns),
        _moments(begins_ns, execs_ns),
        waits_ns,
        [holder or None for holder in holders],
        map(bool, failures),
    ]
    return list(map(_make, repeat(Import), zip(*columns, strict=True)))


def _moments(begins_ns: Sequence[int], after_ns: Sequence[int]) -> list[int | None]:
    """Return the moments that are so long after these beginnings; 0 is for one that did not occur."""
    if not any(after_ns):
        return [None] * len(begins_ns)
    return [begin_ns + ns if ns else None for begin_ns, ns in zip(begins_ns, after_ns, strict=True)]


def _each_once(numbers: Sequence[int]) -> Iterable[int]:
    """Return the same numbers, each of them kept once."""
    if numbers.count(numbers[0]) == len(numbers):
        return repeat(numbers[0], len(numbers))
    known: dict[int, int] = {}
    return map(known.setdefault, numbers, numbers)


def _loaders(names: Sequence[str], compiles_ns: Sequence[int]) -> tuple[str, ...]:
    """Return how each module was loaded, in a word."""
    compiled, others = ({name: _loader(name, is_compiled) for name in set(names)} for is_compiled in (True, False))
    if not any(compiles_ns):
        return tuple(map(others.__getitem__, names))
    return tuple((compiled if ns else others)[name] for name, ns in zip(names, compiles_ns, strict=True))


def _loader(name: str, is_compiled: bool) -> str:
    """Return how a module was loaded. A loader that is nobody's we know says its own name."""
    if name in LOADERS:
        return LOADERS[name]
    if is_compiled:
        return "source"
    return "bytecode" if name == "SourceFileLoader" else name
