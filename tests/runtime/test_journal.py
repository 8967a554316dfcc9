"""What is written of a value, and what is not asked of it."""

import os
from pathlib import Path

import pytest

from mptrace.runtime import journal


class Word(str):
    """A string that says something else when it is asked."""

    __slots__ = ()

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"), (Word("a"), "a"), (None, ""), (7, "7"), (2**63, "<int>"), (1.5, "<float>"), (b"a", "<bytes>"),
        (Path("/a"), f"<{type(Path()).__name__}>"), (Word, "<type>"),
    ],
)  # fmt: skip
def test_text_of_what_is_no_string_is_its_class(value: object, text: str) -> None:
    """A string, of whatever class, is itself; a number too where it is no long one."""
    assert journal.text(value) == text
    assert type(journal.text(value)) is str
    assert journal.quote(value) == f'"{text}"'


def test_first_record_after_the_host_closed_the_descriptor_is_kept(tmp_path: Path) -> None:
    """A daemon closes it between two checks; the journal is opened again at the next record, and nothing is lost."""
    journal.open_new(str(tmp_path))
    journal.instant("user", "before", {})
    os.close(journal._descriptor)
    journal.instant("user", "after", {})
    journal.close()
    (path,) = tmp_path.iterdir()
    assert [line.split(",")[4] for line in path.read_text().splitlines()[-2:]] == ['"before"', '"after"']
