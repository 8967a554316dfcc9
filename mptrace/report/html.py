"""A summary and the picture of its trace, as one HTML file that needs nothing else and loads nothing.

Offline. Names in a trace are hostile: jinja2 escapes them in the text, the data is JSON in which nothing can end the
element that it stands in, and the scripts make text of it only. The page's own policy lets no other script run, by
the hash of ours.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from heapq import nlargest
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from mptrace.report.found import FindingLine
from mptrace.report.phrases import NEVER_READY, NO_FINDINGS, READY, inside_name, phase_share, went_into
from mptrace.report.picture import cut_bars, picture
from mptrace.report.summary import Summary
from mptrace.report.words import PHASES, counted, duration, percent, visible
from mptrace.trace.model import Trace

# In the order in which they are run, as one script.
SCRIPTS = ("base.js", "view.js", "timeline.js", "control.js", "icicle.js", "page.js")
# Of one finding: the longest, which a browser reads and draws in a moment.
MARKS = 4000


def page(trace: Trace, summary: Summary) -> str:
    """Return what *summary* says of *trace*, and its picture, as the text of an HTML file."""
    drawn = picture(trace)
    number_of = {process.pid: number for number, process in enumerate(trace.processes)}
    drawn["findings"] = [_marks(finding, number_of) for finding in summary.findings]
    drawn["phaseNames"] = list(PHASES)
    text = (
        _environment()
        .get_template("report.html")
        .render(
            summary=summary,
            picture=drawn,
            of_children=drawn["ofChildren"],
            cut=_cut(drawn),
            phases=PHASES,
            ready=READY,
            never_ready=NEVER_READY,
            no_findings=NO_FINDINGS,
            style=Markup(_template("style.css")),
            script=_script(),
        )
    )
    # Whatever the encoding of the file or terminal it goes to, ASCII is part of it. Style and scripts are ASCII.
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n"


def _marks(finding: FindingLine, number_of: Mapping[int, int]) -> dict[str, Any]:
    """Return where the time of a finding is marked, and how many places there are."""
    taken = [(number_of[pid], begin_ms, end_ms) for pid, begin_ms, end_ms in finding.taken if pid in number_of]
    return {"taken": nlargest(MARKS, taken, key=lambda place: place[2] - place[1]), "count": len(taken)}


def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    environment.filters |= {
        "counted": counted,
        "duration": duration,
        "inside_name": inside_name,
        "or_dash": lambda wall_ms: "-" if wall_ms is None else duration(wall_ms),
        "paragraphs": _paragraphs,
        "percent": percent,
        "phase_share": phase_share,
        "sha256": lambda text: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(),
        "went_into": went_into,
        "width": _width,
        "x": _x,
    }
    return environment


def _shown(value: Any) -> Any:
    """Return what a template says of a trace without control characters; Markup is our own text."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _template(name: str) -> str:
    return (files("mptrace.report") / "templates" / name).read_text(encoding="utf-8")


def _script() -> Markup:
    """Return all scripts as one, whose names are its own."""
    return Markup('(() => {\n"use strict";\n' + "".join(map(_template, SCRIPTS)) + "})();")


def _paragraphs(lines: Sequence[str]) -> list[tuple[bool, list[str]]]:
    """Put lines of prose together, and lines of code (True): those are indented, or blank and after one that is."""
    found: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_code = line.startswith("    ") or (not line.strip() and bool(found) and found[-1][0])
        if not line.strip() and not is_code:
            continue
        if not found or found[-1][0] != is_code:
            found.append((is_code, []))
        found[-1][1].append(line.removeprefix("    "))
    return found


def _x(begin_ms: float, ready_ms: float) -> str:
    """Return where a bar of a waterfall begins, of 1000."""
    return f"{max(0.0, min(1.0, begin_ms / max(ready_ms, 0.001))) * 1000:.1f}"


def _width(wall_ms: float, ready_ms: float, begin_ms: float) -> str:
    """Return how long a bar is that begins there: what is shorter than can be seen is drawn, what is beyond is not."""
    left = max(0.0, min(1.0, begin_ms / max(ready_ms, 0.001)))
    return f"{max(2.0, (min(1.0, (begin_ms + wall_ms) / max(ready_ms, 0.001)) - left) * 1000):.1f}"


def _cut(drawn: Mapping[str, Any]) -> str:
    """Say what the picture leaves out."""
    number, longest_ms = cut_bars(drawn)
    if not number:
        return ""
    return (
        f"Of each process the longest imports and spans are drawn. {counted(number, 'other')} are not, each of them "
        f"at most {duration(longest_ms)} long. The tables, and the tree of imports, are of all."
    )
