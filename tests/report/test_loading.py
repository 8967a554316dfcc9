"""What is said about statements and imports: the dearest few, and trees cut to what is worth reading."""

from dataclasses import replace

from mptrace.report.loading import ImportLine, StatementLine, import_trees, statement_lines, unmet_names
from mptrace.report.summary import summarize
from mptrace.report.terminal import plain
from mptrace.trace.model import Span
from tests.report.examples import MS, RUN, example, imported, process, worker


def statement(text: str, begin_ms: int, end_ms: int, line: int = 3) -> Span:
    """Return a statement of app.py."""
    name = f"app.py:{line} {text}"
    return Span("statement", name, 1, begin_ms * MS, end_ms * MS, {"file": "/src/app.py", "line": line})


LOADS = [statement("model = load()", 0, 40), statement("x = 1", 40, 40, 4)]


def test_statements_are_told_with_their_worst_and_their_sum() -> None:
    """Those that took no time are not worth a line."""
    processes = [process(pid, "Process", spans=LOADS[:count]) for pid, count in ((1, 2), (2, 1))]
    assert statement_lines(processes) == [StatementLine("app.py:3", "model = load()", 2, 40.0, 80.0)]


def test_tree_is_of_the_children() -> None:
    """Names are those within the package of the module above; the place is a line of that module, or another's."""
    native = imported("pandas._libs", 240, 250, importer="pandas.core", line=7)
    other = imported("numpy", 241, 249, importer="pandas._libs", line=9)
    children = [worker(11, 200, 80, imports=[imported("pandas", 220, 290), native, other])]
    (tree,) = import_trees([process(10, "MainProcess", imports=[imported("json", 5, 10)]), *children])
    assert tree.title == "Imports of 1 child before ready"
    assert tree.lines == [
        ImportLine(0, "pandas", "app:1", 1, 70.0, 70.0, 70.0),
        ImportLine(1, "._libs", ".core:7", 1, 10.0, 10.0, 10.0),
        ImportLine(2, "numpy", "line 9", 1, 8.0, 8.0, 8.0),
    ]


def test_without_children_it_is_that_of_the_main_process() -> None:
    """A program that starts none is still worth a tree."""
    (tree,) = import_trees([process(10, "MainProcess", imports=[imported("json", 5, 10)])])
    assert (tree.title, [line.name for line in tree.lines]) == ("Imports of the main process", ["json"])


def test_tree_of_several_runs_is_that_of_their_main_processes() -> None:
    """The title says how many there are."""
    (tree,) = import_trees([process(pid, "Main", imports=[imported("json", 5, 10)]) for pid in (1, 2)])
    assert tree.title == "Imports of 2 main processes"


def test_long_name_of_who_asked_is_cut() -> None:
    """From the left: the line is at its end."""
    (tree,) = import_trees(
        [process(1, "Main", imports=[imported("isort", 5, 10, importer="pylint.checkers.imports.x")])]
    )
    assert tree.lines[0].asked_at == "...heckers.imports.x:1"


def test_tree_leaves_out_what_took_little() -> None:
    """Less than a fiftieth of the whole, or than a millisecond; how many that are is said."""
    imports = [imported("app", 0, 200), *(imported(f"small{number}", number, number + 3) for number in range(1, 40, 4))]
    (tree,) = import_trees([process(10, "MainProcess", imports=imports)])
    assert ([line.name for line in tree.lines], tree.omitted) == (["app"], 10)


def test_imports_after_ready_are_a_tree_of_their_own() -> None:
    """What a child imported in the midst of its work delayed nobody's start."""
    late = worker(11, 200, 80, imports=[imported("app", 210, 220), imported("late", 400, 450)])
    before, after = import_trees([late])
    assert ([line.name for line in before.lines], [line.name for line in after.lines]) == (["app"], ["late"])
    assert after.title == "Imports of 1 child after ready, in the midst of their work"


def test_name_that_came_to_nothing_is_a_trouble() -> None:
    """It stands with what is missing, and says why."""
    trace = replace(example(), run={**RUN, "spans": ["app:run"]})
    assert unmet_names(trace) == ["MPTRACE_SPANS: app:run never became a span: no process imported app"]
    assert unmet_names(trace)[0] in summarize(trace).troubles


def test_statements_and_trees_are_drawn() -> None:
    """Both are tables that fit 80 columns."""
    known = process(10, "MainProcess", spans=LOADS, imports=[imported("app", 0, 100), imported("tools.deep", 10, 60)])
    text = plain(summarize(replace(example(), processes=[known])))
    assert (
        """
Most expensive statements at the top level of modules
statement                processes    worst  together
app.py:3 model = load()          1  40.0 ms   40.0 ms

Imports of the main process
module      asked for at in   median    worst together
app         app:1         1 100.0 ms 100.0 ms 100.0 ms
 tools.deep line 1        1  50.0 ms  50.0 ms  50.0 ms
"""
        in text
    )
