"""A page in headless Chromium. Serves the tests; without playwright or a Chromium they are skipped, and say so.

Nothing is downloaded: the browser is the machine's, found by name, or named by the variable CHROMIUM.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# --no-sandbox: in a container, tests often run as root.
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


def executable() -> str | None:
    """Return the path of a Chromium."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a browser, or skip the test."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: THE PAGE WAS OPENED IN NO BROWSER")
    path = executable()
    if path is None:
        pytest.skip("no Chromium on this machine: THE PAGE WAS OPENED IN NO BROWSER")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A page that is open; ``troubles`` are errors, warnings of its console, and whatever it asked the network for."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
        self.page = self._context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda message: self.troubles.append(f"{message.type}: {message.text}"))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-drawn]")

    def _asked(self, url: str) -> None:
        if not url.startswith(("file:", "data:")):
            self.troubles.append(f"asked for {url}")

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    @property
    def shown_ms(self) -> tuple[float, float]:
        """Which part of the run the timeline shows."""
        self.page.wait_for_timeout(60)  # two frames: it is drawn at the next
        begin, end = self.page.evaluate(SHOWN)
        return begin, end

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def text(self, selector: str) -> str:
        """Return the lines of an element."""
        return "\n".join(filter(None, self.page.inner_text(selector).splitlines()))

    def colours(self, selector: str) -> list[int]:
        """Return all colours on a canvas."""
        return list(self.page.eval_on_selector(selector, COLOURS))


SHOWN = "(({from, to}) => [Number(from), Number(to)])(document.getElementById('timeline').dataset)"
# From a copy: a canvas that is read becomes slow, and Chromium warns of it.
COLOURS = """(canvas) => {
  const copy = document.createElement("canvas");
  Object.assign(copy, {width: canvas.width, height: canvas.height});
  const context = copy.getContext("2d", {willReadFrequently: true});
  context.drawImage(canvas, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, copy.width, copy.height).data.buffer);
  return [...new Set(pixels)].sort();
}"""
