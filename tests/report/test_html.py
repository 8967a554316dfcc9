"""The report as a page: whole, by itself, and safe whatever the names in a trace are."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest

from mptrace.report.found import FindingLine
from mptrace.report.html import SCRIPTS, page
from mptrace.report.summary import summarize
from mptrace.trace.model import Trace
from tests.report.examples import MS, RUN, example, imported, process

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&<!--\x00\x1b[2J\u2028\udc80 ${x} {{ x }}"
HARMLESS = "</script><img src=x onerror=alert(1)>\"'&<!--??[2J?? ${x} {{ x }}"
FINDING = FindingLine(
    severity="warning",
    title="pandas is imported in 2 processes",
    cost="440.0 ms in 2 processes [repeated-import]",
    where=["/src/app.py:3"],
    evidence=["370.0 ms of the 400.0 ms to ready"],
    remedy=["Import it where", "it is used:", "", "    def work():", "", "        import pandas", "That is all."],
    predicted="Predicted: 400.0 ms less with a late import.",
    taken=[(12, 220.0, 590.0), (99, 1.0, 2.0)],
)


def rendered(trace: Trace, *findings: FindingLine) -> str:
    """Return the page of *trace* with these findings."""
    return page(trace, replace(summarize(trace), findings=findings))


class Page(HTMLParser):
    """What stands in a page: its tags, the text outside of scripts and styles, and those of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.words += " " if tag in {"td", "th", "tr"} else ""
        if tag in self.raw:
            self.raw[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.cdata_elem in self.raw:
            self.raw[self.cdata_elem][-1] += data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a person reads without a script, with single blanks."""
        return " ".join("".join(self.words).split())


def test_page_says_what_the_text_report_says() -> None:
    """The same facts in the same words, and the part for each of them."""
    text = Page(rendered(example())).text
    summary = summarize(example())
    for words in (summary.program, *summary.facts, *summary.troubles, summary.overhead):
        assert words in text
    assert "The slowest child: Process-12 (pid 12), ready after 400.0 ms" in text
    assert "process spawn 2 250.0 ms 400.0 ms main-module 92% interpreter 8%" in text
    assert "main-module child 20.0 ms 380.0 ms 190.0 ms import pandas 370.0 ms" in text
    assert "It went into imports 92%, other work about 4%, not running about 4%." in text
    assert "pandas 2 400.0 ms 440.0 ms" in text
    assert "No rule found anything to report." in text


def test_findings_come_first() -> None:
    """With everything that is known of them; code in a remedy stands by itself."""
    text = rendered(example(), FINDING)
    words = Page(text).text
    assert words.index(FINDING.title) < words.index("All processes over time")
    for said in (FINDING.cost, *FINDING.where, *FINDING.evidence, FINDING.predicted, "Import it where it is used:"):
        assert said in words
    assert "<pre>def work():\n\n    import pandas\n</pre><p>That is all.</p>" in text
    assert "No rule found" not in words


def data(text: str) -> dict[str, Any]:
    """Return the values that the picture is drawn from."""
    loaded = json.loads(Page(text).raw["script"][0])
    assert isinstance(loaded, dict)
    return loaded


def test_finding_is_tied_to_the_picture() -> None:
    """By the number of the process; what is not in the trace cannot be shown."""
    text = rendered(example(), FINDING)
    assert ("button", "0") in [(tag, attributes.get("data-finding")) for tag, attributes in Page(text).tags]
    assert data(text)["findings"] == [{"taken": [[2, 220.0, 590.0]], "count": 1}]
    assert "data-finding" not in rendered(example(), replace(FINDING, taken=[]))


def test_longest_places_of_a_finding_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more than can be drawn; how many there are is kept."""
    monkeypatch.setattr("mptrace.report.html.MARKS", 2)
    taken = [(12, 220.0, 230.0), (11, 120.0, 190.0), (12, 240.0, 590.0)]
    text = rendered(example(), replace(FINDING, taken=taken))
    assert data(text)["findings"] == [{"taken": [[2, 240.0, 590.0], [1, 120.0, 190.0]], "count": 3}]


def hostile() -> Trace:
    """Return a trace in which everything that a program names has a hostile name."""
    bad = imported(HOSTILE, 5, 10)
    child = process(
        11, HOSTILE, role="process", start_method="spawn", ready_ns=9 * MS, imports=[bad], argv=[HOSTILE], host=HOSTILE
    )
    return Trace({**RUN, "argv": [HOSTILE], "id": HOSTILE}, 0, [child], [], [HOSTILE])


def test_names_are_only_words() -> None:
    """Tags, quotes, control characters and templates of a name are shown, and mean nothing."""
    finding = replace(FINDING, title=HOSTILE, cost=HOSTILE, where=[HOSTILE], evidence=[HOSTILE], remedy=[HOSTILE])
    text = rendered(hostile(), finding)
    parsed = Page(text)
    assert "img" not in {tag for tag, _ in parsed.tags}
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    assert len(parsed.raw["script"]) == 2
    assert "\x00" not in text
    assert "\x1b" not in text
    assert HARMLESS in parsed.text
    assert HARMLESS in data(text)["names"]


def test_page_needs_nothing_else() -> None:
    """It names no address, and its policy lets nothing be loaded, and no script run but its own."""
    text = rendered(example(), FINDING)
    parsed = Page(text)
    addresses = [
        value
        for _, attributes in parsed.tags
        for name, value in attributes.items()
        if name in {"src", "href", "action", "srcset"}
    ]
    assert [address for address in addresses if not str(address).startswith(("#", "data:,"))] == []
    assert not re.search(r"https?://|url\(|@import", text)
    (policy,) = (a["content"] for _, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy")
    style, script = digest(parsed.raw["style"][0]), digest(parsed.raw["script"][1])
    assert policy == f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'"
    assert [name for _, attributes in parsed.tags for name in attributes if name == "style"] == []


def digest(text: str) -> str:
    """Return what a policy calls a script or style by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_page_is_ascii() -> None:
    """It can be printed on any terminal and saved in any encoding."""
    assert rendered(replace(example(), warnings=["ä進"])).isascii()
    assert "ä進" in Page(rendered(replace(example(), warnings=["ä進"]))).text


@pytest.mark.parametrize("name", [*SCRIPTS, "style.css"])
def test_part_is_short_and_ascii(name: str) -> None:
    """What is said of Python's files holds for these."""
    text = (files("mptrace.report") / "templates" / name).read_text(encoding="utf-8")
    assert text.isascii()
    assert len(text.splitlines()) <= 300


def test_names_are_accessible() -> None:
    """What can be used says what it is, every id is unique, and every label names one."""
    parsed = Page(rendered(example(), FINDING))
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for attribute in ("aria-labelledby", "aria-describedby", "for"):
        named = {attributes[attribute] for _, attributes in parsed.tags if attribute in attributes}
        assert named <= set(ids)
    assert all("aria-label" in attributes for _, attributes in parsed.tags if "tabindex" in attributes)
    assert all("scope" in attributes for tag, attributes in parsed.tags if tag == "th")
    links = {str(attributes["href"])[1:] for tag, attributes in parsed.tags if tag == "a"}
    assert links <= set(ids)


def test_what_is_not_drawn_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """How much, and of what length at most."""
    monkeypatch.setattr("mptrace.report.picture.BARS", 0)
    monkeypatch.setattr("mptrace.report.picture.LEAST_BARS", 1)
    assert "4 others are not, each of them at most 20.0 ms long." in Page(rendered(example())).text


def test_of_a_run_without_children_there_is_a_page() -> None:
    """Parts of which there is nothing are left out."""
    text = Page(rendered(Trace(RUN, 0, [process(10, "P")], [], []))).text
    assert "All processes over time" in text
    assert "How long children took" not in text
    assert "The slowest child" not in text
