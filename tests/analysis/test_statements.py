"""What top-level statements cost: their own times, per process and over all of them."""

from mptrace.analysis.statements import StatementCost, merged, own_times, preparing
from mptrace.trace.model import Span
from tests.trace.traces import MS, process, span, start

FILE = "/src/app.py"


def statement(text: str, begin: float, end: float | None, line: int = 1, file: str = FILE, tid: int = 1) -> Span:
    """Return a statement of the file."""
    name = f"{file.rpartition('/')[2]}:{line} {text}".rstrip()
    return span(name, begin, end, "statement", tid, file=file, line=line)


BLOCK = [statement("if debug:", 0, 10), statement("load()", 2, 7, line=2), statement("check()", 7, 8, line=3)]


def test_own_time_leaves_out_the_statements_inside() -> None:
    """A block's own time is that of its conditions; what a statement calls and imports is its own."""
    known = process(1, spans=[*BLOCK, span("user", 3, 4), span("import x", 4, 5, "tracer")])
    assert [(found.args["line"], own_ns // MS) for found, own_ns in own_times(known)] == [(1, 4), (2, 5), (3, 1)]


def test_another_modules_statements_are_no_part_of_it() -> None:
    """An import statement takes what executing the module takes, whether that one's statements are timed or not."""
    spans = [statement("import tools", 0, 10), statement("setup()", 1, 9, file="/src/tools.py")]
    assert [own_ns // MS for _, own_ns in own_times(process(1, spans=spans))] == [10, 8]


def test_statements_are_summed_over_processes() -> None:
    """Each is one line: in how many processes, in all, and in the worst; the costliest first."""
    others = [process(pid, spans=[statement("load()", 0, pid, line=2)]) for pid in (2, 3)]
    assert merged([process(1, spans=BLOCK), *others]) == [
        StatementCost(FILE, 2, "load()", 3, 10 * MS, 5 * MS),
        StatementCost(FILE, 1, "if debug:", 1, 4 * MS, 4 * MS),
        StatementCost(FILE, 3, "check()", 1, 1 * MS, 1 * MS),
    ]


def test_statement_executed_twice_counts_once_as_a_process() -> None:
    """A file that is run twice in a process costs that process twice."""
    known = process(1, spans=[statement("load()", 0, 2), statement("load()", 5, 8)])
    assert merged([known]) == [StatementCost(FILE, 1, "load()", 1, 5 * MS, 5 * MS)]


def test_line_without_source_has_no_text() -> None:
    """Where the source was not to be had, only the place is known."""
    assert merged([process(1, spans=[statement("", 0, 2, line=7)])])[0] == StatementCost(FILE, 7, "", 1, 2 * MS, 2 * MS)


def test_file_name_with_blanks_is_not_taken_for_source() -> None:
    """The text of a statement follows its line."""
    file = "/src/my app.py"
    assert merged([process(1, spans=[statement("load()", 0, 2, file=file)])])[0].source == "load()"


def test_work_is_no_preparation() -> None:
    """A statement that starts a process, or was left open, is what the program is for; what came before is not."""
    spans = [statement("load()", 0, 5, 1), statement("main()", 5, 50, 2), statement("serve()", 50, None, 3)]
    known = process(1, spans=spans, starts=[start("Process-1", 10, 20)])
    assert [cost.source for cost in preparing([known])] == ["load()"]
    assert [cost.source for cost in merged([known])] == ["serve()", "main()", "load()"]


def test_statement_that_holds_ready_is_no_preparation() -> None:
    """Other libraries' children run the target in the course of one (loky); nor is what comes after it."""
    spans = [statement("import pickle", 0, 5, 1), statement("run(process)", 5, 50, 2), statement("end()", 50, 60, 3)]
    assert [cost.source for cost in preparing([process(1, spans=spans, ready_ns=6 * MS)])] == ["import pickle"]
