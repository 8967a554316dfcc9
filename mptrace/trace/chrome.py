"""Write a trace as Chrome trace JSON, which Perfetto opens.

Offline. The only file that knows what Chrome calls things, and microseconds. Perfetto loses what breaks its rules,
often in silence, so: times are counted from the run's origin and printed from integer nanoseconds, end points and not
durations are what is exact; text is raw UTF-8, without escapes; numbers are finite; spans nest; every flow has both
ends. One event a line, written as they come: a large trace never stands in memory as text.
"""

import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import IO, Any

import orjson

from mptrace.errors import MptraceError
from mptrace.records import SCHEMA
from mptrace.trace.arrows import Arrows, arrows
from mptrace.trace.files import whole_file
from mptrace.trace.layout import Drawn, layout
from mptrace.trace.model import Import, Phase, Process, Span, Start, ThreadStack, Trace
from mptrace.trace.roles import signal_name

MAX_ARGS_DEPTH = 20
# Of a name that is drawn: a longer one hides all that stands beside it.
MAX_LABEL = 60
# Fast: the time goes into making the text, and level 6 gains a fifth.
GZIP_LEVEL = 1


def export(trace: Trace, path: Path) -> None:
    """Write *trace* to *path*, all of it or nothing; compressed when the name ends in .gz. Raises MptraceError."""
    try:
        with whole_file(path) as file:
            if path.suffix == ".gz":
                # No name and no time of writing inside: the same trace is the same file.
                with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
                    _write_text(trace, packed)
            else:
                _write_text(trace, file)
    except OSError as error:
        raise MptraceError(f"cannot write {str(path)!r}: {error.strerror or error}") from error


def write(trace: Trace, stream: IO[str]) -> None:
    """Write *trace* to an open text file."""
    stream.write('{"traceEvents": [')
    separator = "\n"
    for line in events(trace):
        stream.write(separator)
        stream.write(line)
        separator = ",\n"
    others = {"other_runs": list(trace.other_runs)} if trace.other_runs else {}
    stream.write(f'\n], "metadata": {_json({**trace.run, **others, "schema": SCHEMA})}}}\n')


def events(trace: Trace) -> Iterator[str]:
    """Yield the trace's events, each as one line of JSON."""
    found = arrows(trace)
    missing = {child.pid: child.reason for child in trace.missing}
    for position, process in enumerate(trace.processes):
        drawn = layout(process)
        yield from _names(process, position, drawn)
        for item in drawn:
            yield _span(process, item, found, missing)
        yield from _points(process)
        if process.parent_pid is not None and process.pid in found.causes:
            yield from _flow(process, process.parent_pid, found.causes[process.pid], drawn)


def _names(process: Process, position: int, drawn: Sequence[Drawn]) -> Iterator[str]:
    """Yield what names a process and its threads, and puts the processes in the order in which they began."""
    pid = process.pid
    name = _json({"name": _label(process), "os_pid": process.os_pid, **_in_full(process.name)})
    yield f'{{"ph":"M","name":"process_name","pid":{pid},"tid":0,"args":{name}}}'
    yield f'{{"ph":"M","name":"process_sort_index","pid":{pid},"tid":0,"args":{{"sort_index":{position}}}}}'
    tids = {item.event.tid for item in drawn} | {instant.tid for instant in process.instants} | set(process.threads)
    for tid in sorted(tids):
        default = "MainThread" if tid == process.os_pid else f"thread {tid}"
        thread = process.threads.get(tid) or default
        args = _json({"name": _short(thread), **_in_full(thread)})
        yield f'{{"ph":"M","name":"thread_name","pid":{pid},"tid":{tid},"args":{args}}}'


def _label(process: Process) -> str:
    """Return what a person sees first: the name, what it is, how it was started, how it ended.

    Perfetto shows only what follows the last slash of a name that begins with one.
    """
    role = process.role.replace("-", " ")
    # Nothing is said twice: a forkserver is called forkserver, and a subprocess is one by how it was started too.
    facts = [fact for fact in (role, process.start_method) if fact not in (process.name, "root")]
    facts = list(dict.fromkeys(facts))
    end = process.end
    if end.how == "signaled" and end.signal is not None:
        facts.append(f"killed by {signal_name(end.signal)}")
    elif end.how == "exited":
        facts.append("exited" if end.status is None else f"exit {end.status}")
    else:
        facts.append("end unknown")
    return f"{_short(process.name).lstrip('/') or 'python'} ({', '.join(facts)})"


def _short(name: str) -> str:
    """Return what is drawn of a name."""
    return name if len(name) <= MAX_LABEL else f"{name[: MAX_LABEL - 1]}…"


def _in_full(name: str) -> dict[str, str]:
    """Return the whole of a name of which only a part is drawn, as an argument."""
    return {} if len(name) <= MAX_LABEL else {"full_name": name}


def _span(process: Process, item: Drawn, found: Arrows, missing: Mapping[int, str]) -> str:
    event = item.event
    match event:
        case Start():
            category, name = "startup", f"start {event.process_name}"
            child_pid = found.child_pids.get((process.pid, event), event.child_pid)
            args = _args(child_pid=child_pid, start_method=_quote(event.start_method))
            if event.end_ns is not None and child_pid is None:
                args += ',"failed":true'
            reason = missing.get(child_pid or 0)
            if reason and (process.pid, event) not in found.child_pids:
                args += f',"missing":{_quote(reason)}'
        case Phase():
            category, name = "startup", event.name
            args = _phase_args(event)
        case Import():
            category, name, args = "import", event.module, _import_args(event, item)
        case _:
            category, name, args = event.category, event.name, _json(event.args)[1:-1]
            if server := found.servers.get(id(event)):
                made = _args(child_pid=server.pid, start_method=_quote(server.start_method))
                args = ",".join(filter(None, (args, made)))
    if len(name) > MAX_LABEL:
        args = ",".join(filter(None, (args, _json(_in_full(name))[1:-1])))
    if event.end_ns is None or item.cut_ns or item.omitted:
        args = ",".join(filter(None, (args, _marks(item))))
    return (
        f'{{"ph":"X","cat":{_quote(category)},"name":{_quote(_short(name))},"pid":{process.pid},"tid":{event.tid},'
        f'"ts":{_us(item.begin_ns)},"dur":{_us(item.end_ns - item.begin_ns)},'
        f'"args":{{{args}}}}}'
    )


def _phase_args(event: Phase) -> str:
    return ",".join(
        (
            _args(
                side=_quote(event.side),
                cpu_us=_us(event.cpu_ns),
                run_queue_us=None if event.run_queue_ns is None else _us(event.run_queue_ns),
                minor_faults=event.minor_faults,
                major_faults=event.major_faults,
            ),
            *([_json(event.args)[1:-1]] if event.args else []),
        )
    )


def _import_args(event: Import, item: Drawn) -> str:
    """Return how an import's time was spent. What did not occur, or was not seen, is left out."""
    end_ns = item.end_ns if event.end_ns is None else event.end_ns
    args = f'"self_us":{_us(max(0, item.self_ns))}'
    if event.load_ns is not None:
        args += f',"find_us":{_lapse(event.begin_ns, event.load_ns)}'
        args += f',"load_us":{_lapse(event.load_ns, event.exec_ns or end_ns)}'
    if event.exec_ns is not None:
        args += f',"exec_us":{_lapse(event.exec_ns, end_ns)}'
    if event.loader:
        args += f',"loader":{_quote(event.loader)}'
    if event.importer:
        args += f',"importer":{_quote(event.importer)},"line":{event.line}'
    return args + ',"failed":true' if event.is_failed else args


def _marks(item: Drawn) -> str:
    """Return what is not as it was recorded about a span."""
    return _args(
        unfinished="true" if item.event.end_ns is None else None,
        cut_us=_us(item.cut_ns) if item.cut_ns else None,
        omitted=item.omitted or None,
    )


def _points(process: Process) -> Iterator[str]:
    """Yield what has no duration: instants, the moment of being ready, failures of ours, counters."""
    pid = process.pid
    for instant in process.instants:
        yield _instant(pid, instant.tid, instant.category, instant.name, instant.at_ns, "t", instant.args)
    if process.ready_ns is not None:
        yield _instant(pid, process.os_pid, "startup", "ready", process.ready_ns, "p", {})
    for failure in process.failures:
        args = {"error": failure.error}
        yield _instant(pid, process.os_pid, "tracer", f"failed: {failure.what}", failure.at_ns, "p", args)
    for stacks in process.stacks:
        where = {_thread(thread): list(thread.frames) for thread in stacks.threads}
        at_ns = process.last_ns if stacks.at_ns is None else stacks.at_ns
        yield _instant(pid, process.os_pid, "lock", "stuck", at_ns, "p", {"cause": stacks.cause, **where})
    for counter in process.counters:
        # A value that is not a finite number makes Perfetto stop, or never end.
        values = [_counted(key, value) for key, value in counter.values.items() if _is_finite(value)]
        if values:
            yield (
                f'{{"ph":"C","name":{_quote(counter.name)},"pid":{pid},"ts":{_us(counter.at_ns)},'
                f'"args":{{{",".join(values)}}}}}'
            )


def _thread(stack: ThreadStack) -> str:
    return f"{stack.name or 'thread'} {stack.tid or ''}".rstrip()


def _instant(pid: int, tid: int, category: str, name: str, at_ns: int, scope: str, args: Mapping[str, Any]) -> str:
    return (
        f'{{"ph":"i","s":"{scope}","cat":{_quote(category)},"name":{_quote(_short(name))},"pid":{pid},"tid":{tid},'
        f'"ts":{_us(at_ns)},"args":{_json({**args, **_in_full(name)})}}}'
    )


def _counted(key: str, value: float) -> str:
    """Return one value of a counter; times are drawn in milliseconds."""
    if key.endswith("_ns"):
        return f"{_quote(key.removesuffix('_ns') + '_ms')}:{value / 1e6!r}"
    return f"{_quote(key)}:{value!r}"


def _is_finite(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value)


def _flow(child: Process, parent_pid: int, start: Start | Phase | Span, drawn: Sequence[Drawn]) -> Iterator[str]:
    """Yield the arrow from where the parent started it to the first span of the child, whose pid is its id."""
    first = min(drawn, key=lambda item: item.begin_ns)
    # Anchors of two hosts may put an effect before its cause; Perfetto drops such an arrow.
    arrival_ns = max(first.begin_ns, start.begin_ns)
    common = f'"cat":"startup","name":"start","id":{child.pid}'
    yield f'{{"ph":"s",{common},"pid":{parent_pid},"tid":{start.tid},"ts":{_us(start.begin_ns)}}}'
    yield f'{{"ph":"f","bp":"e",{common},"pid":{child.pid},"tid":{first.event.tid},"ts":{_us(arrival_ns)}}}'


def _us(ns: int) -> str:
    """Return nanoseconds as microseconds, exactly."""
    return f"{ns // 1000}.{ns % 1000:03d}"


def _lapse(begin_ns: int, end_ns: int) -> str:
    return _us(max(0, end_ns - begin_ns))


def _args(**values: object) -> str:
    """Return members of a JSON object from values that are JSON already, without those that are None."""
    return ",".join([f'"{name}":{value}' for name, value in values.items() if value is not None])


@lru_cache(maxsize=65536)
def _quote(text: str) -> str:
    return _json(text)


def _json(value: Any) -> str:
    """Return *value* as JSON in raw UTF-8: Perfetto does not undo the escapes of other writers, or fails on them."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, RecursionError):
        return orjson.dumps(_plain(value)).decode()


def _plain(value: Any, depth: int = 0) -> Any:
    """Return *value* with what JSON has no word for replaced: half a surrogate pair, a deep nest, any other object."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if depth < MAX_ARGS_DEPTH:
        if isinstance(value, Mapping):
            return {_plain(str(key)): _plain(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [_plain(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return value
    return "…" if depth >= MAX_ARGS_DEPTH else _plain(repr(value))


def _write_text(trace: Trace, file: IO[bytes] | gzip.GzipFile) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
    write(trace, text)
    text.detach()  # flushes; whoever opened the file closes it
