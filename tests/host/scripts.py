"""Miniature hosts written as text, and the comparison of their untraced with their traced run.

Serves the tests of this folder. A file under tests/programs/ holds many small programs: ``=== title`` begins one,
``--- path`` begins a file of it, ``[3.12+]`` on a line of its own before the first file says from which version on it
means anything. Text before any ``---`` is main.py. They are text because most of them are wrong on purpose.
"""

import difflib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from mptrace.records import IMPORT
from tests import hosts

# A script that has this file imports it at the end, and its trace must know of that.
LAST = "last.py"
# What differs between any two runs of one program: pids, addresses, names of temporary files, and moments.
VOLATILE = (
    (re.compile(rb"\b(pid|parent)[= ]\d+"), rb"\1 N"),
    (re.compile(rb"\b0x[0-9a-f]{5,}|(?<= at )\d{9,}"), b"0xN"),
    (re.compile(rb"\b\d{10}(\.\d+)?\b|\b\d+\.\d{3}(?=s$)", re.MULTILINE), b"N.N"),
    (re.compile(rb"\b(pymp-|listener-|sock-|psm_|tmp)[\w-]{6,10}\b"), rb"\1N"),
)


@dataclass(frozen=True)
class Script:
    """One miniature host: its files by path, and the first version it is meant for."""

    title: str
    since: tuple[int, ...] = (3, 0)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def is_for_us(self) -> bool:
        """Whether it means anything on the Python that runs the tests."""
        return sys.version_info >= self.since

    def write(self, folder: Path) -> None:
        """Write its files into *folder*, and let prepare.py make those that are no text."""
        folder.mkdir(parents=True)
        for path, text in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        if "prepare.py" in self.files:
            subprocess.run([sys.executable, "prepare.py"], cwd=folder, check=True)


def load(path: Path) -> list[Script]:
    """Return the scripts of a file."""
    _, *parts = re.split(r"^=== ", path.read_text(), flags=re.MULTILINE)
    return [_parse(part) for part in parts]


def _parse(text: str) -> Script:
    title, _, rest = text.partition("\n")
    since: tuple[int, ...] = (3, 0)
    if version := re.match(r"\[(\d+)\.(\d+)\+\]\n", rest):
        since = (int(version[1]), int(version[2]))
        rest = rest[version.end() :]
    main, *parts = re.split(r"^--- ", rest, flags=re.MULTILINE)
    files = {"main.py": main} if main else {}
    for part in parts:
        name, _, content = part.partition("\n")
        files[name] = content
    return Script(title, since, files)


def differences(script: Script, folder: Path) -> str:
    """Run *script* untraced and traced, at once, and return a diff of what tells them apart: nothing, if well."""
    with ThreadPoolExecutor(2) as pool:
        homes = folder / "plain", folder / "trace"
        plain, traced = pool.map(_printed, (script, script), homes, (False, True))
    diff = list(difflib.unified_diff(plain, traced, "untraced", "traced", lineterm=""))
    return "\n".join([f"{script.title}:", *diff, ""]) if diff else ""


def _printed(script: Script, home: Path, traced: bool) -> list[str]:
    """Return what can be seen of a run from outside, line by line."""
    script.write(home)
    outcome = hosts.run(home / "main.py", traced=traced, folder=home)
    streams = {"stdout": outcome.stdout, "stderr": outcome.stderr}
    lines = [f"{name}: {line!r}" for name, text in streams.items() for line in normal(text, home).split(b"\n")]
    if traced:
        assert outcome.run, f"{script.title}: nothing was traced"
        lines += [f"mptrace failed: {failure}" for failure in hosts.failures(outcome.run)]
        if LAST in (Path(path).name for path in script.files):
            modules = {record["module"] for record in hosts.records(outcome.run, IMPORT)}
            lines += [] if Path(LAST).stem in modules else [f"the import of {LAST} is not in the trace"]
    return [*lines, f"status: {outcome.status}"]


def normal(text: bytes, home: Path) -> bytes:
    """Return *text* without what is different in any two runs."""
    for path in (str(home), hosts.temporary(home)):
        text = text.replace(path.encode(), b"<home>")
    for pattern, replacement in VOLATILE:
        text = pattern.sub(replacement, text)
    return text
