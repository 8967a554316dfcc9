"""The records of a process become its events."""

import pytest

from mptrace.records import COLLECTION, HOOKS
from mptrace.trace.merge import load
from mptrace.trace.model import Failure, Phase, Span
from tests.journals import MS, Host, RunFolder

ALPHA = Host()


def test_what_was_begun_and_ended_is_one_event(run: RunFolder) -> None:
    """An announcement and its end are one span, import or start."""
    run.process(100).span("s", 1, 2).imports("json", 3, 4).starts("P", 5, 6, child_pid=101)
    process = load([run.write()]).processes[0]
    assert [(len(process.spans), len(process.imports), len(process.starts))] == [(1, 1, 1)]


def test_what_was_only_begun_is_unfinished(run: RunFolder) -> None:
    """An announcement without its end has none."""
    run.process(100).span("s", 1, None).imports("json", 3, None, importer="app", line=7).starts("P", 5, None)
    process = load([run.write()]).processes[0]
    assert [process.spans[0].end_ns, process.imports[0].end_ns, process.starts[0].end_ns] == [None, None, None]
    assert (process.imports[0].importer, process.imports[0].line) == ("app", 7)
    assert process.starts[0].child_pid is None


def test_same_moment_on_two_threads_is_two_events(run: RunFolder) -> None:
    """An end belongs to the beginning on its own thread."""
    run.process(100).imports("a", 1, None, tid=7).imports("b", 1, 2, tid=8)
    assert [(event.module, event.end_ns) for event in load([run.write()]).processes[0].imports] == [
        ("a", None), ("b", 2 * MS),
    ]  # fmt: skip


def test_two_spans_of_one_beginning_are_told_by_name(run: RunFolder) -> None:
    """Of two spans that one reading of the clock began, only that which ended is finished."""
    run.process(100).span("outer", 1, None).span("inner", 1, 2)
    assert [(span.name, span.end_ns) for span in load([run.write()]).processes[0].spans] == [
        ("outer", None), ("inner", 2 * MS),
    ]  # fmt: skip


def test_import_is_found_loaded_and_executed(run: RunFolder) -> None:
    """The moments of an import are the trace's; one that did not occur is None."""
    run.process(100, begin=1).imports("json", 2, 9, load=3, compiled=4, executed=6, waited=0.5, holder=8)
    run.process(101, begin=20).imports("gone", 21, 22, is_failed=True)
    full, failed = (process.imports[0] for process in load([run.write()]).processes)
    assert (full.begin_ns, full.load_ns, full.compile_ns, full.exec_ns, full.end_ns) == tuple(
        moment * MS for moment in (1, 2, 3, 5, 8)
    )
    assert (full.wait_ns, full.holder_tid, full.is_failed) == (500_000, 8, False)
    assert (failed.load_ns, failed.compile_ns, failed.exec_ns, failed.holder_tid, failed.is_failed) == (
        None, None, None, None, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("loader", "compiled", "word"),
    [
        ("SourceFileLoader", 3, "source"),
        ("SourceFileLoader", None, "bytecode"),
        ("SourcelessFileLoader", None, "bytecode"),
        ("ExtensionFileLoader", None, "extension"),
        ("BuiltinImporter", None, "builtin"),
        ("FrozenImporter", None, "frozen"),
        ("NamespaceLoader", None, "namespace"),
        ("_NamespaceLoader", None, "namespace"),
        ("NoneType", None, "namespace"),
        ("zipimporter", None, "zip"),
        ("AssertionRewritingHook", 3, "source"),
        ("CustomLoader", None, "CustomLoader"),
        ("", None, ""),
    ],
)
def test_loader_is_a_word(run: RunFolder, loader: str, compiled: float | None, word: str) -> None:
    """How a module was loaded is said in one word of ours."""
    run.process(100).imports("m", 1, 9, load=2, loader=loader, compiled=compiled)
    assert load([run.write()]).processes[0].imports[0].loader == word


def test_imports_of_mptrace_are_our_cost(run: RunFolder) -> None:
    """What mptrace imports of itself is a span of category tracer, and no import of the host."""
    run.process(100).imports("mptrace.runtime.spans", 1, 2).imports("mptrace", 3, None).imports("mptracer", 4, 5)
    process = load([run.write()]).processes[0]
    assert [event.module for event in process.imports] == ["mptracer"]
    assert process.spans == [
        Span("tracer", "import mptrace.runtime.spans", 100, 1 * MS, 2 * MS),
        Span("tracer", "import mptrace", 100, 3 * MS, None),
    ]


def test_phases_have_a_side(run: RunFolder) -> None:
    """Some phases are spent in the parent, the others in the child."""
    run.process(100).phase("send", 1, 2, cpu=0.5).phase("main-module", 2, 3)
    assert load([run.write()]).processes[0].phases == [
        Phase("send", "parent", 100, 1 * MS, 2 * MS, 500_000),
        Phase("main-module", "child", 100, 2 * MS, 3 * MS, 0),
    ]


def test_phase_has_what_was_used_in_it(run: RunFolder) -> None:
    """Waiting for a CPU and page faults are as recorded; an older journal, which does not know them, says None."""
    new = run.process(100).phase(
        "pickle", 1, 2, cpu=1, run_queue_ns=5, minor_faults=6, major_faults=7, args={"bytes": 8}
    )
    new.raw(f'["f",100,{ALPHA.at(2)},{ALPHA.at(3)},"exec",0]')
    assert load([run.write()]).processes[0].phases == [
        Phase("pickle", "parent", 100, MS, 2 * MS, MS, 5, 6, 7, {"bytes": 8}),
        Phase("exec", "parent", 100, 2 * MS, 3 * MS, 0, None, None, None, {}),
    ]


def test_each_fork_handler_is_a_span(run: RunFolder) -> None:
    """A handler begins at a moment and ends at the next; what is no name and no moment is passed over."""
    moments = [ALPHA.at(1), ALPHA.at(2), ALPHA.at(4), ALPHA.at(3)]
    journal = run.process(100).record(HOOKS, tid=7, side="child", names=["a.b", "c", "d"], moments=moments)
    journal.record(HOOKS, tid=7, side="before", names=["x", 5, "y"], moments=[ALPHA.at(5), ALPHA.at(6), ALPHA.at(7)])
    journal.record(HOOKS, tid=7, side="parent", names=["z"], moments=[None, "1"])
    assert load([run.write()]).processes[0].spans == [
        Span("fork-hook", "a.b", 7, 1 * MS, 2 * MS, {"side": "child"}),
        Span("fork-hook", "c", 7, 2 * MS, 4 * MS, {"side": "child"}),
        Span("fork-hook", "d", 7, 4 * MS, 4 * MS, {"side": "child"}),
        Span("fork-hook", "x", 7, 5 * MS, 6 * MS, {"side": "before"}),
    ]


def test_failures_and_lost_records_are_kept(run: RunFolder) -> None:
    """What went wrong in the runtime is part of the process."""
    run.process(100).record("F", at_ns=ALPHA.at(5), patch="imports", error="KeyError: 1").record(
        "L", at_ns=ALPHA.at(6), count=12, error="No space left on device"
    )
    assert load([run.write()]).processes[0].failures == [
        Failure("imports", "KeyError: 1", 5 * MS),
        Failure("journal", "12 records could not be written: No space left on device", 6 * MS),
    ]


def test_collection_of_garbage_is_a_span(run: RunFolder) -> None:
    """It says its generation, what it found, and how many pages it touched first, where that was counted."""
    run.process(100).collects(1, 3, collected=5, faults=700).collects(4, 5, generation=1)
    assert load([run.write()]).processes[0].spans == [
        Span("gc", "gc generation 2", 100, 1 * MS, 3 * MS,
             {"generation": 2, "collected": 5, "uncollectable": 0, "minor_faults": 700}),
        Span("gc", "gc generation 1", 100, 4 * MS, 5 * MS, {"generation": 1, "collected": 0, "uncollectable": 0}),
    ]  # fmt: skip


@pytest.mark.parametrize("numbers", ["", "1 2 3", "x y z 1 2 3 4", "1 2 3 4 5 6 7 8"])
def test_nonsense_about_a_collection_is_a_failure(run: RunFolder, numbers: str) -> None:
    """What cannot be read is said, and nothing else is lost."""
    run.process(100).record(COLLECTION, numbers=numbers).span("s", 1, 2)
    process = load([run.write()]).processes[0]
    assert [span.name for span in process.spans] == ["s"]
    assert [failure.error for failure in process.failures] == [f"not a record of a collection: {numbers!r}"]
