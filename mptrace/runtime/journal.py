"""Append-only event file of this process.

Runtime: loaded in every traced process. One os.write to an O_APPEND descriptor per completed record, so whatever
kills the process loses nothing that was written, and threads and signal handlers need no lock. The file's name is
decided at the last moment, with the pid of now: a fork may have happened. A mapping would be faster, but a full disk
or a truncated file would raise SIGBUS in the host.
"""

import os
import sys
from _thread import get_ident, get_native_id

from mptrace.records import INSTANT, LOST, SPAN, SPAN_BEGIN, SUFFIX, THREAD
from mptrace.runtime.clock import now_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Bound before the host runs: a host that replaces os.write or os.open (pyfakefs, gevent) is not to see our calls.
_write = os.write
_open = os.open
_fstat = os.fstat
_close = os.close
_dup2 = os.dup2
_lseek = os.lseek
_getpid = os.getpid
_urandom = os.urandom

# The descriptor lives high up, where the host's own never come to be: they are given out lowest first.
HIGH_DESCRIPTORS = (1000, 999, 998, 997, 240, 239, 238, 100, 99, 64)
# A host that closes every descriptor (a daemon) frees our number too. Before a number as high as FAR_OFF can come to
# mean another file, hundreds must be opened, which takes longer than this; so the identity is checked no more often.
# A lower one, where the limit allows none so high, may be the very next file of the host's: it is checked each time.
CHECK_EVERY_NS = 500_000
FAR_OFF = 900
# errno.EBADF, without a module that the host has not loaded.
EBADF = 9
records = 0
recording_ns = 0
_descriptor = -1
_identity = (0, 0)
_size = 0
_path = ""
_pid = 0
_check_at_ns = 0
_lost = 0
_lost_because = ""
_known_threads: "set[int]" = set()
# What to do in a process that C code has forked without a word to Python's at-fork handlers, as uWSGI does.
after_untold_fork: "Callable[[], Any]" = int


def open_new(folder: str) -> None:
    """Begin this process image's own journal in *folder*. Raises OSError when that is not possible."""
    global _path, _pid, _identity, _size, _lost, _check_at_ns, records, recording_ns
    _pid = _getpid()
    _path = f"{folder}/{_pid}-{now_ns():x}-{_urandom(4).hex()}{SUFFIX}"
    _adopt(_open(_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    status = _fstat(_descriptor)
    _identity = status.st_dev, status.st_ino
    _lost = records = recording_ns = _check_at_ns = _size = 0
    _known_threads.clear()


def close() -> None:
    """Stop recording: what is written from now on is dropped.

    In a forked child this lets go of the parent's journal, which the parent goes on writing.
    """
    global _descriptor, _check_at_ns
    descriptor, _descriptor = _descriptor, -1  # first, for other threads may be writing
    _check_at_ns = 0
    if descriptor >= 0 and _is_ours(descriptor):
        _close(descriptor)


def is_open() -> bool:
    """Return whether records are being kept."""
    return _descriptor >= 0


def write(at_ns: int, record: str) -> None:
    """Append one record, a line whose last moment is *at_ns*. Never raises: what cannot be written is counted."""
    global records, recording_ns, _size
    if at_ns > _check_at_ns and not _is_usable(at_ns):
        return
    line = record.encode()
    try:
        written = _write(_descriptor, line)
    except OSError as error:
        if error.errno == EBADF and _is_usable(at_ns):  # the host has closed it: now it is open again
            write(at_ns, record)
        else:
            lose(error.strerror or "unknown")
        return
    if written != len(line):
        lose("short write")
        return
    records += 1
    _size += written
    recording_ns += now_ns() - at_ns
    if _lost:
        _tell_lost(at_ns)


def span(begin_ns: int, category: str, name: str, args: "dict[str, Any] | None" = None) -> None:
    """Record a span that began at *begin_ns* on this thread and ends now."""
    end_ns = now_ns()
    write(end_ns, f'["{SPAN}",{thread_id()},{begin_ns},{end_ns},"{category}",{quote(name)},{encode(args or {})}]\n')


def announce(begin_ns: int, category: str, name: str, args: "dict[str, Any]") -> None:
    """Record that a span began at *begin_ns* on this thread, which may last, or never end."""
    write(begin_ns, f'["{SPAN_BEGIN}",{thread_id()},{begin_ns},"{category}",{quote(name)},{encode(args)}]\n')


def instant(category: str, name: str, args: "dict[str, Any]") -> None:
    """Record that something happened on this thread now."""
    at_ns = now_ns()
    write(at_ns, f'["{INSTANT}",{thread_id()},{at_ns},"{category}",{quote(name)},{encode(args)}]\n')


def thread_id() -> int:
    """Return the native id of this thread, whose name is recorded the first time."""
    tid = get_native_id()
    if tid not in _known_threads:
        if _descriptor >= 0 and _getpid() != _pid:
            close()  # the parent's
            after_untold_fork()
        _known_threads.add(tid)
        threading: Any = sys.modules.get("threading")
        thread = threading._active.get(get_ident()) if hasattr(threading, "_active") else None
        name = "MainThread" if tid == _pid else getattr(thread, "_name", "")
        write(now_ns(), f'["{THREAD}",{tid},{quote(name)}]\n')
    return tid


def text(value: "Any") -> str:
    """Return what the host calls something, without a call of the host's: of what is no string, only its class."""
    kind = type(value)
    if value is None:
        return ""
    if kind is str:
        return value  # type: ignore[no-any-return]
    if issubclass(kind, str):
        return str.__str__(value)
    if kind is int and -(2**63) <= value < 2**63:
        return repr(value)
    return f"<{vars(type)['__name__'].__get__(kind)}>"


def quote(value: "Any") -> str:
    """Return the text of *value* as a JSON string."""
    words = value if type(value) is str else text(value)
    if words.isprintable() and '"' not in words and "\\" not in words:
        return f'"{words}"'
    # JSON wants these escaped. What is not valid Unicode becomes plain text first.
    escapes = {code: f"\\u{code:04x}" for code in (*range(32), 34, 92, 127)}
    return '"' + words.encode("utf-8", "backslashreplace").decode().translate(escapes) + '"'


def encode(value: "Any") -> str:
    """Return *value* as JSON: numbers, strings, flat lists and dicts as they are, anything else by its repr."""
    kind = type(value)
    if kind is str:
        return quote(value)
    if kind is int and -(2**63) <= value < 2**63:
        return repr(value)
    if value is None or kind is bool:
        return "null" if value is None else "true" if value else "false"
    if kind is float and value - value == 0:
        return repr(value)  # finite: JSON has no NaN, and Perfetto never ends on one
    if kind is list or kind is tuple:
        return f"[{','.join([encode(item) for item in value])}]"
    if kind is dict:
        return "{" + ",".join([f"{quote(str(key))}:{encode(item)}" for key, item in value.items()]) + "}"
    return quote(repr(value))


def lose(because: str) -> None:
    """Count a record that could not be made, or was not written whole: the rest of it must not swallow the next one."""
    global _lost, _lost_because
    _lost += 1
    _lost_because = because
    try:
        _write(_descriptor, b"\n")
    except OSError:
        pass  # then nothing of the record was written either, or the next line is lost with it


def _tell_lost(at_ns: int) -> None:
    global _lost
    count, _lost = _lost, 0
    write(at_ns, f'["{LOST}",{at_ns},{count},{quote(_lost_because)}]\n')


def _is_usable(at_ns: int) -> bool:
    """Return whether the descriptor is still our journal, after opening it again where the host closed it."""
    global _descriptor, _check_at_ns
    if _descriptor < 0:
        return False
    if not _is_ours(_descriptor):
        _descriptor = -1
        try:
            descriptor = _open(_path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        if not _is_ours(descriptor):
            _close(descriptor)
            return False
        _adopt(descriptor)
    _check_at_ns = at_ns + CHECK_EVERY_NS if _descriptor >= FAR_OFF else 0
    return True


def _is_ours(descriptor: int) -> bool:
    try:
        # Where we wrote last, as no other file is likely to be. Asked often, it costs a fifth of what fstat() does.
        if _size and _lseek(descriptor, 0, os.SEEK_CUR) == _size:
            return True
        status = _fstat(descriptor)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == _identity


def _adopt(low: int) -> None:
    """Keep the journal under a high descriptor. One that is taken, or beyond the limit, is passed over."""
    global _descriptor
    _descriptor = low
    for high in HIGH_DESCRIPTORS:
        try:
            _fstat(high)
        except OSError:
            try:
                _descriptor = _dup2(low, high, inheritable=False)
            except OSError:
                continue  # beyond RLIMIT_NOFILE
            _close(low)
            return
