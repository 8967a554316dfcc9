"""Extension modules: threads and page faults of a load, and how long it took."""

from mptrace.analysis.extensions import Loaded, loaded
from mptrace.trace.model import Instant
from tests.trace.traces import MS, imported, process, trace_of


def test_load_is_told_with_what_it_did() -> None:
    """The counts are those of the instant, the time that of the import."""
    counts = {"threads": 3, "minor_faults": 17, "major_faults": 2}
    imports = [imported("numpy._core", 0, 9, loader="extension", load_ns=1 * MS, exec_ns=6 * MS)]
    known = process(1, imports=imports, instants=[Instant("extension", "numpy._core", 1, 6 * MS, counts)])
    assert loaded(trace_of([known])) == [Loaded(known, "numpy._core", 3, 17, 2, 5 * MS)]


def test_load_without_an_import_has_no_duration() -> None:
    """What was not recorded is not made up; a count that is no number counts for nothing."""
    known = process(
        1, instants=[Instant("extension", "x", 1, MS, {"threads": "many"}), Instant("user", "y", 1, MS, {})]
    )
    assert loaded(trace_of([known])) == [Loaded(known, "x", 0, 0, 0, None)]
