"""The table of patches says of each file what must be there before it is loaded."""

import re
from pathlib import Path

import mptrace
from mptrace.runtime.patches import PATCHES, WATCH_ATTRIBUTES

FOLDER = Path(mptrace.__file__).parent / "runtime" / "patches"


def test_just_the_files_that_watch_attributes_are_listed_as_such() -> None:
    files = {file for _, _, file in PATCHES}
    watching = {
        file
        for file in files
        if re.search(r"^from mptrace\.runtime\.attributes import", (FOLDER / f"{file}.py").read_text(), re.MULTILINE)
    }

    assert watching == set(WATCH_ATTRIBUTES)
