"""Whatever lies in a run's folder, each trouble is one warning that names the file, and nothing else is lost."""

import errno
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mptrace.errors import MptraceError
from mptrace.records import COUNTER, INSTANT, PROCESS, RUN_FILE
from mptrace.trace.merge import load
from mptrace.trace.model import Trace
from mptrace.trace.reader import NAMES, Warnings, read_records
from tests.journals import RunFolder


def run_with_good_journal(tmp_path: Path) -> RunFolder:
    """Return a run whose process 100 imported json."""
    run = RunFolder(tmp_path / "run")
    run.process(100).imports("json", 1, 2)
    return run


def assert_good_journal_is_whole(trace: Trace) -> None:
    """Check that what process 100 said is there."""
    assert [[event.module for event in process.imports] for process in trace.processes if process.pid == 100] == [
        ["json"]
    ]


def test_sound_run_has_no_warnings(tmp_path: Path) -> None:
    """A run in which nothing is wrong says so."""
    trace = load([run_with_good_journal(tmp_path).write()])
    assert_good_journal_is_whole(trace)
    assert list(trace.warnings) == []


def test_torn_tail_loses_only_itself(tmp_path: Path) -> None:
    """The line during which a process was killed is left out, with one warning."""
    run = run_with_good_journal(tmp_path)
    run.process(101).imports("csv", 3, 4).torn()
    trace = load([run.write()])
    assert_good_journal_is_whole(trace)
    assert [event.module for event in trace.processes[1].imports] == ["csv"]
    assert list(trace.warnings) == ["run/101-1.journal: torn tail: its last line was cut short"]


def test_record_that_lacks_only_its_line_end_is_kept(tmp_path: Path) -> None:
    """A last line that is whole but for its end still counts."""
    run = run_with_good_journal(tmp_path)
    run.process(101).torn('["n",101,5000003000000,"user","here",{}]')
    trace = load([run.write()])
    assert [event.name for event in trace.processes[1].instants] == ["here"]
    assert len(trace.warnings) == 1


@pytest.mark.parametrize(
    "garbage",
    [
        '["x",100,50000', "{}", "7", "[]", "[7]", "[[]]", '"text"', "null", "\x00\x00", "[NaN]", "[" * 5000, "",
        '["x",1', '2]',
    ],
)  # fmt: skip
def test_garbage_between_records_loses_only_itself(tmp_path: Path, garbage: str) -> None:
    """A line that is no record is left out, however it looks; those around it are kept."""
    run = run_with_good_journal(tmp_path)
    run.process(101).imports("csv", 3, 4).raw(garbage).imports("decimal", 5, 6)
    trace = load([run.write()])
    assert_good_journal_is_whole(trace)
    assert [event.module for event in trace.processes[1].imports] == ["csv", "decimal"]
    assert len(trace.warnings) == (1 if garbage else 0)
    assert all(warning.startswith("run/101-1.journal: ") for warning in trace.warnings)


def test_two_torn_lines_do_not_make_a_record(tmp_path: Path) -> None:
    """What two torn lines would say together, nobody has said."""
    run = run_with_good_journal(tmp_path)
    run.process(101).raw('["n",101,5000003000000').raw('"user","never",{}]')
    trace = load([run.write()])
    assert list(trace.processes[1].instants) == []
    assert list(trace.warnings) == ["run/101-1.journal: torn line: what it said is lost (2 times)"]


def test_bytes_that_are_not_text_lose_only_their_line(tmp_path: Path) -> None:
    """A line that is not valid UTF-8 is left out."""
    run = run_with_good_journal(tmp_path)
    run.process(101).raw('["n",101,5000003000000,"user","\udcff",{}]').instant("after", 4)
    trace = load([run.write()])
    assert [event.name for event in trace.processes[1].instants] == ["after"]
    assert len(trace.warnings) == 1


def test_unknown_kind_is_one_warning_however_often(tmp_path: Path) -> None:
    """A kind of a later version is passed over, with one warning per kind."""
    run = run_with_good_journal(tmp_path)
    run.process(101).raw('["new",1]').raw('["new",2,3]').raw('["newer",1]').imports("csv", 3, 4)
    trace = load([run.write()])
    assert [event.module for event in trace.processes[1].imports] == ["csv"]
    assert sorted(trace.warnings) == [
        "run/101-1.journal: unknown kind of record 'new'",
        "run/101-1.journal: unknown kind of record 'newer'",
    ]


def test_more_fields_than_known_are_no_harm(tmp_path: Path) -> None:
    """Fields that a later version added at the end are ignored, without a word."""
    run = run_with_good_journal(tmp_path)
    run.process(101).raw('["n",101,5000003000000,"user","here",{},"later",[1]]')
    trace = load([run.write()])
    assert [event.name for event in trace.processes[1].instants] == ["here"]
    assert list(trace.warnings) == []


def test_missing_fields_are_one_warning(tmp_path: Path) -> None:
    """A record that lacks fields is left out."""
    run = run_with_good_journal(tmp_path)
    run.process(101).raw('["n",101,5000003000000]').raw('["n",101]').instant("after", 4)
    trace = load([run.write()])
    assert [event.name for event in trace.processes[1].instants] == ["after"]
    assert list(trace.warnings) == ["run/101-1.journal: missing fields in a record of kind 'n' (2 times)"]


@pytest.mark.parametrize("field", ['"x"', "null", "1.5", "[]", "{}", "true"])
def test_fields_of_the_wrong_type_are_one_warning(tmp_path: Path, field: str) -> None:
    """A record with a time that is no whole number is left out."""
    run = run_with_good_journal(tmp_path)
    run.process(101).raw(f'["n",101,{field},"user","here",{{}}]').instant("after", 4)
    trace = load([run.write()])
    assert [event.name for event in trace.processes[1].instants] == ["after"]
    assert list(trace.warnings) == ["run/101-1.journal: wrong type of field in a record of kind 'n'"]


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"", "is empty"),
        (b'["P",1,"boot"', "torn tail: its first record was cut short"),
        (b"#!/bin/sh\necho\n", "is not a journal of mptrace"),
        (b'["n",1,2,"user","x",{}]\n', "is not a journal of mptrace"),
        (b'["P"]\n', "is not a journal of mptrace"),
        (b'["P",1,"boot",101]\n', "is not a journal of mptrace"),
        (b'["P",0,"boot",101]\n', "is not a journal of mptrace"),
        (b'["P",99,"something","else"]\n', "was written by a newer mptrace (schema 99, this one reads 1)"),
        (b"\x7fELF\x00\xff" * 100, "torn tail: its first record was cut short"),
    ],
)
def test_foreign_file_is_passed_over(tmp_path: Path, content: bytes, trouble: str) -> None:
    """A file that does not begin like a journal of ours is named, and nothing more."""
    folder = run_with_good_journal(tmp_path).write()
    (folder / "101-0.journal").write_bytes(content)
    trace = load([folder])
    assert_good_journal_is_whole(trace)
    assert len(trace.processes) == 1
    assert list(trace.warnings) == [f"run/101-0.journal: {trouble}"]


def make_link(path: Path) -> None:
    """Point at a good journal elsewhere."""
    other = RunFolder(path.parent.parent / "other")
    other.process(101)
    path.symlink_to(next(other.write().glob("*.journal")))


def make_socket(path: Path) -> None:
    """Make a socket, by a relative name: the whole path may be too long for one."""
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.name)
    finally:
        os.chdir(before)


@pytest.mark.parametrize("make", [make_link, os.mkfifo, Path.mkdir, make_socket])
def test_what_is_not_a_regular_file_is_never_opened(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Links, pipes, folders and sockets are passed over: nothing is followed, nothing blocks."""
    folder = run_with_good_journal(tmp_path).write()
    make(folder / "101-0.journal")
    trace = load([folder])
    assert_good_journal_is_whole(trace)
    assert len(trace.processes) == 1
    assert list(trace.warnings) == ["run/101-0.journal: is not a regular file"]


def test_unreadable_file_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that may not be read is named."""
    folder = run_with_good_journal(tmp_path).write()
    (folder / "101-0.journal").write_text("secret")
    really_open = os.open

    def open_as_another_user(path: Path, flags: int) -> int:
        if path.name == "101-0.journal":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return really_open(path, flags)

    monkeypatch.setattr(os, "open", open_as_another_user)
    trace = load([folder])
    assert_good_journal_is_whole(trace)
    assert list(trace.warnings) == ["run/101-0.journal: cannot be read: Permission denied"]


def test_file_that_vanished_is_a_warning(tmp_path: Path) -> None:
    """A journal that is gone when it is to be read is named."""
    warnings = Warnings()
    assert read_records(tmp_path / "gone.journal", warnings) == {}
    assert [line.partition(": ")[2] for line in warnings.lines] == ["cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (None, "is missing: what was run, and where, is not known"),
        ("{", "is not valid JSON"),
        ("[1]", "is not a JSON object"),
    ],
)
def test_run_without_description_is_still_a_run(tmp_path: Path, content: str | None, trouble: str) -> None:
    """Without a usable run.json the processes are all there."""
    folder = run_with_good_journal(tmp_path).write()
    (folder / RUN_FILE).unlink()
    if content is not None:
        (folder / RUN_FILE).write_text(content)
    trace = load([folder])
    assert_good_journal_is_whole(trace)
    assert trace.run == {}
    assert list(trace.warnings) == [f"run/run.json: {trouble}"]


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    """A folder that does not exist is one clear line."""
    with pytest.raises(MptraceError, match=r"^there is no folder '.*nowhere'$"):
        load([tmp_path / "nowhere"])


def test_folder_of_something_else(tmp_path: Path) -> None:
    """A folder that holds no run is one clear line."""
    with pytest.raises(MptraceError, match=r"^'.*' is not the folder of a run: it holds neither run.json nor"):
        load([tmp_path])


def test_file_instead_of_a_folder(tmp_path: Path) -> None:
    """A file in place of a folder is one clear line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(MptraceError, match=r"^cannot read '.*file': Not a directory$"):
        load([tmp_path / "file"])


def test_run_to_which_nobody_reported(tmp_path: Path) -> None:
    """A run without any journal is one clear line."""
    with pytest.raises(MptraceError, match=r"^no process has reported to .*: it holds no journal$"):
        load([RunFolder(tmp_path / "run").write()])


def test_records_are_sorted_by_kind_in_order(tmp_path: Path) -> None:
    """Records of a kind stay in the order in which they were written."""
    run = RunFolder(tmp_path / "run")
    run.process(100).instant("first", 1).instant("second", 2)
    path = next(run.write().glob("*.journal"))
    assert [record[3] for record in read_records(path, Warnings())[INSTANT]] == ["first", "second"]


def test_command_line_with_a_word_that_is_none_is_no_record(tmp_path: Path) -> None:
    """Only the file that holds it is passed over, with a warning."""
    run = RunFolder(tmp_path)
    run.process(100)
    run.process(101, ppid=100)
    folder = run.write()
    path = next(path for path in sorted(folder.iterdir()) if path.name.startswith("101"))
    first, _, rest = path.read_bytes().partition(b"\n")
    record = json.loads(first)
    record[1 + NAMES[PROCESS].index("argv")] = [7]
    path.write_bytes(json.dumps(record).encode() + b"\n" + rest)
    trace = load([folder])
    assert [process.os_pid for process in trace.processes] == [100]
    assert any("is not a journal of mptrace" in line for line in trace.warnings)


@pytest.mark.parametrize("values", [{"calls": "3"}, {"calls": None}, {"calls": [3]}])
def test_counter_of_what_is_no_number_is_no_record(tmp_path: Path, values: dict[str, object]) -> None:
    """The numbers around it are kept."""
    run = RunFolder(tmp_path)
    wrong = run.process(100).record(COUNTER, at_ns=10, name="proxy calls", values=values)
    wrong.record(COUNTER, at_ns=11, name="proxy calls", values={"calls": 4.5})
    trace = load([run.write()])
    assert [counter.values for process in trace.processes for counter in process.counters] == [{"calls": 4.5}]
    assert any(line.endswith("wrong type of field in a record of kind 'c'") for line in trace.warnings)
