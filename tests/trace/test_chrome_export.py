"""The file that a trace is exported to: private, and whole or not there."""

import gzip
import io
import json
import os
import stat
from pathlib import Path

import pytest

from mptrace.errors import MptraceError
from mptrace.trace import chrome
from mptrace.trace.model import Trace
from tests.trace.traces import process, trace_of


def text_of(trace: Trace) -> str:
    """Return the whole file."""
    stream = io.StringIO()
    chrome.write(trace, stream)
    return stream.getvalue()


def test_export_writes_a_private_file(tmp_path: Path) -> None:
    """The file is the trace, for its owner alone, and nothing is left beside it."""
    trace = trace_of([process(1)])
    chrome.export(trace, tmp_path / "trace.json")
    assert (tmp_path / "trace.json").read_text(encoding="utf-8") == text_of(trace)
    assert stat.S_IMODE((tmp_path / "trace.json").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["trace.json"]


def test_export_compresses_what_is_named_so(tmp_path: Path) -> None:
    """A .gz file holds the same text, and is the same file each time."""
    trace = trace_of([process(1)])
    for name in ("a.json.gz", "b.json.gz"):
        chrome.export(trace, tmp_path / name)
    assert gzip.decompress((tmp_path / "a.json.gz").read_bytes()).decode() == text_of(trace)
    assert (tmp_path / "a.json.gz").read_bytes() == (tmp_path / "b.json.gz").read_bytes()


def test_export_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full in the middle changes nothing, and is one clear line."""
    (tmp_path / "trace.json").write_text("old")

    def fail(trace: Trace, stream: io.StringIO) -> None:
        stream.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(chrome, "write", fail)
    with pytest.raises(MptraceError, match=r"^cannot write '.*trace.json': No space left on device$"):
        chrome.export(trace_of([]), tmp_path / "trace.json")
    assert (tmp_path / "trace.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["trace.json"]


def test_export_into_no_folder_is_one_clear_line(tmp_path: Path) -> None:
    """A folder that is not there is named."""
    with pytest.raises(MptraceError, match=r"^cannot write '.*trace.json': No such file or directory$"):
        chrome.export(trace_of([]), tmp_path / "nowhere" / "trace.json")


def test_export_goes_through_a_link(tmp_path: Path) -> None:
    """A link stays a link; what it points to is written."""
    (tmp_path / "link.json").symlink_to("real.json")
    chrome.export(trace_of([]), tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["traceEvents"] == []


def test_export_writes_into_a_device(tmp_path: Path) -> None:
    """What is no regular file is never replaced."""
    chrome.export(trace_of([]), Path("/dev/null"))
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
