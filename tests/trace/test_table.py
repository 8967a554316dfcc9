"""Records of one kind are looked at by field; fields that journals have in common are kept once."""

import orjson

from mptrace.trace.table import Shared, Table, unfinished


def test_table_gives_back_its_records() -> None:
    """What went in record by record comes out record by record, and is counted."""
    table = Table.of([[1, "a"], [2, "b"], [3, "c"]])
    assert list(table) == [(1, "a"), (2, "b"), (3, "c")]
    assert list(table.columns) == [(1, 2, 3), ("a", "b", "c")]
    assert len(table) == 3


def test_table_without_records_is_false() -> None:
    """It has no columns either: nobody said what they would be."""
    assert not Table()
    assert not Table.of([])
    assert list(Table.of([])) == []


def test_what_was_begun_and_not_ended_is_unfinished() -> None:
    """Thread and begin tell whether it is the same; either alone does not."""
    begun = Table.of([[1, 10, "ended"], [1, 20, "open"], [2, 10, "open on another thread"]])
    ended = Table.of([[1, 10, 5, "ended"], [2, 20, 5, "another"]])
    assert unfinished(begun, ended) == [(1, 20, "open"), (2, 10, "open on another thread")]


def test_everything_is_unfinished_where_nothing_ended() -> None:
    """A killed process may have announced something and finished nothing."""
    assert unfinished(Table.of([[1, 10, "open"]]), Table()) == [(1, 10, "open")]
    assert unfinished(Table(), Table.of([[1, 10, 5]])) == []


def decoded(*texts: str) -> tuple[str, ...]:
    """Return a column as a journal gives it: none of its texts is that of another journal."""
    return tuple(orjson.loads(orjson.dumps(texts)))


def test_columns_that_say_the_same_are_one() -> None:
    """The second journal gets the column of the first."""
    shared = Shared()
    first = shared.texts("module", decoded("json", "re"))
    assert shared.texts("module", decoded("json", "re")) is first
    lines = shared.numbers("line", tuple(range(1000, 1002)))
    assert shared.numbers("line", tuple(range(1000, 1002))) is lines


def test_columns_that_differ_stay_what_they_are() -> None:
    """One other value, another field, or one value more: none is taken for the other; texts are kept once still."""
    shared = Shared()
    json, re = shared.texts("module", decoded("json", "re"))
    assert shared.texts("importer", decoded("__main__", "json")) == ("__main__", "json")
    other = shared.texts("module", decoded("json", "os"))
    assert other == ("json", "os")
    assert other[0] is json
    longer = shared.texts("module", decoded("json", "re", "os"))
    assert longer == ("json", "re", "os")
    assert longer[1] is re
