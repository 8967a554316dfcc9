"""Stacks are read, those that faulthandler writes between the records too, and shown."""

import io
import json

from mptrace.trace.chrome import write
from mptrace.trace.merge import load
from mptrace.trace.native_stacks import take
from tests.journals import RunFolder

TEXT = (
    "Timeout (0:00:06)!",
    "Thread 0x00007fcf7f9136c0 [python] (most recent call first):",
    "  <no Python frame>",
    "",
    "Thread 0x00007fcf80f55b80 (most recent call first):",
    '  File "/srv/a \\xe9.py", line 21 in <lambda>',
    '  File "<frozen runpy>", line ??? in run',
    "  ...",
)


def test_frames_are_those_of_the_threads_that_have_any() -> None:
    """The innermost frame is the first; a thread without Python frames is left out."""
    rest, texts = take([line.encode() for line in TEXT])
    assert rest == []
    assert texts == [[[0, "", ["/srv/a \\xe9.py:21 <lambda>", "<frozen runpy>:??? run"]]]]


def test_records_around_a_text_are_kept() -> None:
    """Only lines of a text are taken."""
    lines = [b'["x",1]', *[line.encode() for line in TEXT], b'["y",2]', b"  File not ours"]
    assert take(lines)[0] == [b'["x",1]', b'["y",2]', b"  File not ours"]


def test_journal_with_a_text_is_sound(run: RunFolder) -> None:
    """It gives no warning, and loses no record."""
    journal = run.process(100).instant("before", 1)
    for line in TEXT:
        journal.raw(line)
    journal.instant("after", 9)
    trace = load([run.write()])
    (process,) = trace.processes
    assert trace.warnings == []
    assert [instant.name for instant in process.instants] == ["before", "after"]
    assert [(stacks.at_ns, len(stacks.threads)) for stacks in process.stacks] == [(None, 1)]


def test_stacks_that_are_none_are_left_out(run: RunFolder) -> None:
    """A record whose threads are not as they should be has fewer threads."""
    journal = run.process(100).stacks(1, 2, (7, "T", ["a.py:1 f"]))
    journal.raw(journal.lines[-1].decode().replace('"T"', "3").rstrip())
    journal.raw(journal.lines[-1].decode().replace("[[7", '[["x"').rstrip())
    (process,) = load([run.write()]).processes
    assert [[thread.name for thread in stacks.threads] for stacks in process.stacks] == [["T"], [], []]


def test_stacks_are_an_instant(run: RunFolder) -> None:
    """They are shown where the process stands still, one argument a thread."""
    run.process(100).stacks(1, 6, (7, "T", ["a.py:1 f"]), (0, "", ["b.py:2 g"]), cause="stream of X()")
    text = io.StringIO()
    write(load([run.write()]), text)
    (event,) = [event for event in json.loads(text.getvalue())["traceEvents"] if event["name"] == "stuck"]
    assert (event["ph"], event["cat"], event["s"], event["ts"]) == ("i", "lock", "p", 6000.0)
    assert event["args"] == {"cause": "stream of X()", "T 7": ["a.py:1 f"], "thread": ["b.py:2 g"]}
