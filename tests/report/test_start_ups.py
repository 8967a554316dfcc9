"""What the report says about how processes started."""

from dataclasses import replace

from mptrace.analysis.creations import Created
from mptrace.analysis.phases import StartUp, start_ups
from mptrace.report.start_ups import Group, Inside, KindShare, PhaseShare, Row, creations, groups, slowest, waterfall
from mptrace.trace.model import Phase, Process, Span
from tests.report.examples import MS, example, imported, phase, process, worker


def ways(*processes: Process) -> list[StartUp]:
    """Return the start-ups of a trace of these processes, or of the example."""
    return start_ups(replace(example(), processes=processes or example().processes))


def rows(child: Process) -> list[tuple[str, list[Inside]]]:
    """Return each phase of the waterfall of *child*, with what is inside."""
    return [(row.name, list(row.inside)) for row in waterfall(ways(child)[0]).rows]


def span(category: str, name: str, begin_ms: int, end_ms: int) -> Span:
    """Return a span of a child's main thread."""
    return Span(category, name, 1, begin_ms * MS, end_ms * MS)


def test_like_children_are_one_group() -> None:
    """Two spawned workers share a line: the median and the worst of them, and what its phases are of their time."""
    assert groups(ways()) == [
        Group(
            "process", "spawn", 2, 2, 250.0, 400.0,
            [PhaseShare("main-module", 230.0, 0.92), PhaseShare("interpreter", 20.0, 0.08)],
        )
    ]  # fmt: skip


def test_group_that_cost_most_comes_first() -> None:
    """Many quick children can cost more than a slow one."""
    quick = [worker(pid, 0, 60, role="pool-worker") for pid in range(20, 30)]
    found = groups(ways(worker(11, 0, 180), *quick))
    assert [(group.role, group.count) for group in found] == [("pool-worker", 10), ("process", 1)]


def test_of_a_group_that_is_never_ready_the_phases_are_known() -> None:
    """Without a time to ready there are no shares, but there are times."""
    helper = process(
        20, "forkserver", role="forkserver", start_method="subprocess", phases=[phase("interpreter", 0, 30)]
    )
    assert groups(ways(helper)) == [
        Group("forkserver", "subprocess", 1, 0, None, None, [PhaseShare("interpreter", 30.0, None)])
    ]


def test_children_that_were_never_ready_do_not_count_for_the_times() -> None:
    """One that was killed on the way is counted, and leaves the shares of the others as they are."""
    (group,) = groups(ways(worker(11, 0, 80), worker(12, 0, 980, ready_ns=None)))
    assert (group.count, group.ready, group.worst_ms) == (2, 1, 100.0)
    assert [phase.share for phase in group.phases] == [0.8, 0.2]


def test_time_in_no_phase_is_said() -> None:
    """A gap stands among the phases, without a name."""
    (group,) = groups(ways(worker(11, 0, 80, phases=[phase("interpreter", 0, 20)])))
    assert group.phases == [PhaseShare("", 80.0, 0.8), PhaseShare("interpreter", 20.0, 0.2)]


def test_slowest_is_a_child_that_was_started_and_ready() -> None:
    """The root, and one that was never ready, are not the slowest child."""
    way = slowest(ways())
    assert way
    assert way.process.pid == 12
    assert slowest(ways(example().processes[0], worker(12, 0, 980, ready_ns=None))) is None


def test_waterfall_shows_phases_in_order() -> None:
    """Each phase says when it began, counted from start(), how long it took, and which part of it counts."""
    shown = waterfall(ways()[2])
    assert (shown.name, shown.pid, shown.ready_ms, shown.explained) == ("Process-12", 12, 400.0, 1.0)
    assert shown.rows == [
        Row("interpreter", "child", 0.0, 20.0, 10.0, [(0.0, 20.0)], []),
        Row("main-module", "child", 20.0, 380.0, 190.0, [(20.0, 400.0)], [Inside("import", "pandas", 370.0)]),
    ]


def test_time_went_into_kinds() -> None:
    """Imports are known, and what was left of a phase that had imports is divided as the whole phase was."""
    assert waterfall(ways()[2]).kinds == [
        KindShare("import", 370 / 400, is_measured=True),
        KindShare("running", 14 / 400, is_measured=False),
        KindShare("not-running", 14 / 400, is_measured=False),
    ]


def test_phases_after_ready_are_left_out() -> None:
    """What a child does after it was ready is no part of its start-up."""
    phases = [phase("interpreter", 0, 50), phase("initializer", 60, 90)]
    assert [name for name, _ in rows(worker(11, 0, 30, phases=phases))] == ["interpreter"]


def test_waterfall_names_the_dearest_and_sums_the_others() -> None:
    """Three imports of a phase have a line, the others share one; what is less than a hundredth has none."""
    imports = [imported(f"m{number}", 20 + 20 * number, 30 + 20 * number + number) for number in range(5)]
    assert rows(worker(11, 0, 180, imports=[*imports, imported("tiny", 150, 151)]))[1] == (
        "main-module",
        [
            Inside("import", "m4", 14.0), Inside("import", "m3", 13.0), Inside("import", "m2", 12.0),
            Inside("import", "", 22.0, count=3),
        ],
    )  # fmt: skip


def test_only_one_more_is_named() -> None:
    """Where there is one thing beside the dearest three, it has a name rather than a number."""
    imports = [imported(f"m{number}", 20 + 20 * number, 30 + 20 * number) for number in range(4)]
    assert [inside.name for inside in rows(worker(11, 0, 180, imports=imports))[1][1]] == ["m0", "m1", "m2", "m3"]


def test_our_own_work_is_summed() -> None:
    """How much of a phase tracing took is said, in what steps is not."""
    spans = [span("tracer", "boot", 30, 50), span("tracer", "patches", 60, 70)]
    child = worker(11, 0, 180, imports=[imported("a", 25, 75)], spans=spans)
    assert rows(child)[1][1] == [Inside("import", "a", 50.0), Inside("tracer", "tracing", 30.0, count=2)]


def test_statements_hold_what_they_import() -> None:
    """A statement stands for all that it runs; a collection inside of it is said too."""
    spans = [span("statement", "app.py:3 import a", 30, 90), span("gc", "generation 2", 40, 50)]
    assert rows(worker(11, 0, 180, imports=[imported("a", 31, 89)], spans=spans))[1][1] == [
        Inside("statement", "app.py:3 import a", 60.0), Inside("gc", "generation 2", 10.0),
    ]  # fmt: skip


def test_part_that_goes_on_beside_does_not_count() -> None:
    """What a parent sends after its child began is shown, but only what the child waited for counts."""
    send = Phase("send", "parent", 1, 1 * MS, 4 * MS, 0)
    child = worker(11, 0, 80, phases=[phase("interpreter", 2, 100)])
    parent = process(10, "MainProcess", phases=[send], starts=[child.start])
    assert [(row.name, row.counted) for row in waterfall(ways(parent, child)[1]).rows] == [
        ("send", [(1.0, 2.0)]), ("interpreter", [(2.0, 100.0)]),
    ]  # fmt: skip


def test_what_was_created_before_the_first_start_is_one_sentence() -> None:
    """Its kinds are named; shared memory comes in blocks."""
    main = process(10, "MainProcess")
    counts = {"Queue": 3, "Lock": 1, "SharedMemory": 2}
    (line,) = creations([Created(main, "first start", counts, 4_100_000)])
    things = "3 Queues, 1 Lock and 2 blocks of SharedMemory"
    assert line == f"MainProcess spent 4.1 ms creating {things} before it started its first child."


def test_what_children_created_is_one_sentence_for_all() -> None:
    """What takes a moment only in each is worth a sentence if they are many."""
    known = [Created(worker(pid, 100, 80), "ready", {"Lock": 2}, 400_000) for pid in range(11, 14)]
    assert creations(known) == ["3 children spent 1.2 ms in all creating 6 Locks before being ready."]


def test_what_was_created_in_no_time_is_not_told() -> None:
    """Less than a millisecond is not what anybody looks for."""
    known = [Created(process(10, "MainProcess"), "first start", {"Lock": 2}, 999_000)]
    known.append(Created(worker(11, 100, 80), "ready", {"Lock": 2}, 400_000))
    assert creations(known) == []
