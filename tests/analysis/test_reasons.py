"""Why a child was not ready earlier: every nanosecond has one reason, and the reasons add up."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mptrace.analysis.phases import StartUp, start_ups
from mptrace.analysis.reasons import Reason, contents, reasons, shortened
from mptrace.trace.model import Import, Phase, Span
from tests.trace.traces import MS, child_of, imported, phase, process, span, start, trace_of


def way(ready: float, phases: Sequence[Phase], *, parent: dict[str, Any] | None = None, **child: Any) -> StartUp:
    """Return the start-up of a child that was started at 10 ms and ready at *ready*."""
    call = start("P", 10, 20, 2)
    starter = process(1, starts=[call], phases=[phase for phase in phases if phase.side == "parent"], **(parent or {}))
    own = [phase for phase in phases if phase.side == "child"]
    started = child_of(starter, call, 2, ready_ns=round(ready * MS), phases=own, **child)
    return start_ups(trace_of([starter, started]))[1]


def said(way: StartUp) -> list[tuple[str, str, str, float]]:
    """Return phase, kind, name and milliseconds of each reason."""
    return [
        (reason.phase.name if reason.phase else "", reason.kind, reason.name, reason.wall_ns / MS)
        for reason in reasons(way)
    ]


def waited(phase: Phase, run_queue: float) -> Phase:
    """Return *phase* with the time that it waited for a CPU."""
    return replace(phase, run_queue_ns=round(run_queue * MS))


def test_phase_is_divided_by_what_the_kernel_says() -> None:
    """On a CPU, waiting for one, or neither: where nothing else is known of a phase, that is exact."""
    found = way(40, [waited(phase("interpreter", 10, 40, cpu=18), run_queue=5)])
    assert said(found) == [
        ("interpreter", "running", "", 18), ("interpreter", "off-cpu", "", 7), ("interpreter", "waiting", "", 5),
    ]  # fmt: skip
    assert all(reason.is_measured for reason in reasons(found))


def test_what_is_not_known_to_be_waiting_is_not_called_so() -> None:
    """Where the kernel does not say how long a phase waited for a CPU, that is not told from sleeping."""
    found = way(40, [phase("interpreter", 10, 40, cpu=18)])
    assert said(found) == [("interpreter", "running", "", 18), ("interpreter", "not-running", "", 12)]


def test_import_has_its_self_time() -> None:
    """The innermost import is the reason; the rest of the phase is divided as the phase was on the whole."""
    imports = [imported("pandas", 20, 40), imported("numpy", 25, 35)]
    found = way(50, [waited(phase("main-module", 10, 50, cpu=20), run_queue=10)], imports=imports)
    assert said(found) == [
        ("main-module", "import", "pandas", 10), ("main-module", "import", "numpy", 10),
        ("main-module", "running", "", 10), ("main-module", "waiting", "", 5), ("main-module", "off-cpu", "", 5),
    ]  # fmt: skip
    assert [reason.is_measured for reason in reasons(found)] == [True, True, False, False, False]


def test_spans_inside_are_reasons() -> None:
    """A collection inside an import, a statement, a handler and our own work each stand for themselves."""
    spans = [
        span("collect", 22, 24, "gc"), span("app.py:3 x = f()", 30, 34, "statement"), span("mine", 31, 32),
        span("patch os", 35, 36, "tracer"), span("threading:_after_fork", 12, 15, "fork-hook"),
    ]  # fmt: skip
    found = way(40, [phase("main-module", 10, 40)], imports=[imported("json", 20, 25)], spans=spans)
    assert said(found)[1:] == [
        ("main-module", "statement", "app.py:3 x = f()", 4), ("main-module", "fork-hook", "threading:_after_fork", 3),
        ("main-module", "import", "json", 3), ("main-module", "gc", "collect", 2),
        ("main-module", "tracer", "patch os", 1),
    ]  # fmt: skip


def test_wait_for_a_lock_leaves_the_rest_exact() -> None:
    """A thread that waits for a lock sleeps: all that the phase ran, it ran in the rest."""
    lock = span("logging root", 15, 25, "lock")
    found = way(30, [waited(phase("bootstrap", 10, 30, cpu=6), run_queue=4)], spans=[lock])
    assert said(found) == [
        ("bootstrap", "lock", "logging root", 10), ("bootstrap", "running", "", 6), ("bootstrap", "waiting", "", 4),
    ]  # fmt: skip
    assert all(reason.is_measured for reason in reasons(found))


def test_parents_phases_have_reasons_in_the_parent() -> None:
    """An import that start() needed is a reason in the parent; what its other threads do is none."""
    imports = [imported("popen", 12, 16), imported("other", 12, 18, tid=7), imported("app", 0, 90)]
    phases = [phase("prepare", 10, 20, "parent", cpu=10), phase("site", 20, 40, cpu=20)]
    assert said(way(40, phases, parent={"imports": imports})) == [
        ("site", "running", "", 20), ("prepare", "running", "", 6), ("prepare", "import", "popen", 4),
    ]  # fmt: skip


def test_what_goes_on_around_a_phase_is_not_in_it() -> None:
    """The statement that runs the whole child is no reason in any of its phases."""
    around = span("<string>:1 spawn_main()", 11, 60, "statement")
    found = way(40, [phase("receive", 12, 20, cpu=8), phase("main-module", 20, 40, cpu=20)], spans=[around])
    assert said(found) == [("main-module", "running", "", 20), ("receive", "running", "", 8), ("", "unknown", "", 2)]


def test_event_across_a_border_counts_on_both_sides() -> None:
    """An import that begins in one phase and ends in the next is a reason in both, for its time in each."""
    phases = [phase("bootstrap-import", 10, 20, cpu=10), phase("receive", 20, 30, cpu=10)]
    assert said(way(30, phases, imports=[imported("spawn", 18, 23)])) == [
        ("bootstrap-import", "running", "", 8), ("receive", "running", "", 7), ("receive", "import", "spawn", 3),
        ("bootstrap-import", "import", "spawn", 2),
    ]  # fmt: skip


def test_phase_on_the_path_in_part_is_divided_in_part() -> None:
    """Of an exec that the child overtakes only the first part counts, and how that ran is not known for sure."""
    execution = phase("exec", 10, 20, "parent", cpu=5)
    found = way(30, [execution, phase("interpreter", 14, 30, cpu=16)])
    assert reasons(found)[1:] == [
        Reason(execution, "running", "", 2 * MS, is_measured=False),
        Reason(execution, "not-running", "", 2 * MS, is_measured=False),
    ]


def test_process_that_was_never_ready_has_no_reasons() -> None:
    """There is no time to ready to be divided."""
    never = process(1, phases=[phase("site", 0, 9)])
    assert reasons(start_ups(trace_of([never]))[0]) == []


def test_contents_are_what_people_wrote() -> None:
    """The outermost import holds what it imports in turn; collections are added up wherever they were."""
    spans = [span("gc generation 2", 21, 23, "gc"), span("gc generation 2", 42, 43, "gc")]
    found = way(50, [phase("main-module", 10, 50)], imports=[imported("a", 20, 40), imported("b", 25, 35)], spans=spans)
    assert [(reason.kind, reason.name, reason.wall_ns) for reason in contents(found)] == [
        ("import", "a", 20 * MS), ("gc", "gc generation 2", 3 * MS),
    ]  # fmt: skip


def test_shortened_reasons_add_up_to_the_same() -> None:
    """What is not kept as it is becomes one reason for each kind and phase."""
    imports = [imported(f"m{number}", 10 + number, 11 + number) for number in range(6)]
    known = reasons(way(30, [phase("main-module", 10, 30, cpu=20)], imports=imports))
    short = shortened(known, 3)
    assert [(reason.kind, reason.name, reason.wall_ns) for reason in short] == [
        ("running", "", 14 * MS), ("import", "", 4 * MS), ("import", "m0", 1 * MS), ("import", "m1", 1 * MS),
    ]  # fmt: skip
    assert shortened(known, 100) == known


moments = st.lists(st.integers(10, 90), min_size=2, max_size=7, unique=True).map(sorted)
used = st.tuples(st.integers(0, 60), st.none() | st.integers(0, 60))


@st.composite
def phases_of(draw: st.DrawFn, side: str, names: Sequence[str]) -> list[Phase]:
    """Return phases of one side that follow each other, with gaps, whatever was used in them."""
    found = []
    for name, (begin, end) in zip(names, pairwise(draw(moments)), strict=False):
        cpu, run_queue = draw(used)
        if draw(st.booleans()):
            known = phase(name, begin, end, side, cpu)
            found.append(known if run_queue is None else waited(known, run_queue))
    return found


imports_of = st.lists(
    st.builds(imported, st.sampled_from("abc"), st.integers(0, 90), st.integers(0, 99), tid=st.sampled_from((1, 2))),
    max_size=8,
)
spans_of = st.lists(
    st.builds(
        span, st.just("s"), st.integers(0, 90), st.none() | st.integers(0, 99),
        st.sampled_from(("gc", "lock", "statement", "fork-hook", "user", "tracer")), st.sampled_from((1, 2)),
    ),
    max_size=8,
)  # fmt: skip


@given(
    phases_of("parent", ("prepare", "pickle", "exec", "send")),
    phases_of("child", ("interpreter", "site", "receive", "main-module", "unpickle", "bootstrap")),
    imports_of, spans_of, imports_of, spans_of, st.integers(11, 95),
)  # fmt: skip
def test_reasons_add_up_to_time_to_ready(
    parents: list[Phase],
    own: list[Phase],
    parents_imports: list[Import],
    parents_spans: list[Span],
    imports: list[Import],
    spans: list[Span],
    ready: int,
) -> None:
    """Whatever was recorded, no nanosecond is counted twice and none is left out."""
    parent = {"imports": _sorted(parents_imports), "spans": _sorted(parents_spans)}
    found = way(ready, [*parents, *own], parent=parent, imports=_sorted(imports), spans=_sorted(spans))
    known = reasons(found)
    assert all(reason.wall_ns > 0 for reason in known)
    assert sum(reason.wall_ns for reason in known) == found.time_to_ready_ns
    for of in {id(piece.phase): piece.phase for piece in found.path}.values():
        spent_ns = sum(piece.wall_ns for piece in found.path if piece.phase is of)
        assert sum(reason.wall_ns for reason in known if reason.phase is of) == spent_ns


def _sorted(events: Sequence[Any]) -> list[Any]:
    return sorted(events, key=lambda event: event.begin_ns)
