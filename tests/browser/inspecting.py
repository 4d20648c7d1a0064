"""What is held against every page that a test opens.

It is quiet, asks no other host, fits the screen, has a name, can be read by everybody, in one language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response

NARROW, WIDE = 360, 1440
HEIGHTS = {NARROW: 780, WIDE: 900}

ENGLISH_WORD = re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z]{4,}(?![A-Za-z0-9_-])")
"""A word of four letters or more; letters among digits are a code."""
ADDRESS = re.compile(r"[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+")
"""An e-mail address is written the same in any language."""
CHINESE = re.compile(r"[\u3400-\u9fff]+")
NAMES = frozenset({"Enter", "Ctrl", "Fangxin", "cli", "worker", "Excel", "Word"})
"""Keys as they are printed on a keyboard, our own name, the command an administrator is told to start, and a
program that everybody calls so.
"""

_WORDS = """() => {
    const found = [];
    const skipped = 'script, style, noscript, textarea, [data-full-value], [lang]:not(html)';
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement.closest(skipped) || !node.data.trim()) continue;
        found.push(node.data.trim());
    }
    for (const element of document.querySelectorAll('body *')) {
        if (element.closest(skipped)) continue;
        for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
            if (element.getAttribute(name)) found.push(element.getAttribute(name));
    }
    return found;
}"""
_OVERFLOW = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    const right = (one) => Math.round(one.getBoundingClientRect().right);
    return [...document.querySelectorAll('body *')].filter((one) => right(one) > wide + 1).slice(0, 5)
        .map((one) => `${one.tagName}.${one.className} ${right(one)} ${one.textContent.trim().slice(0, 40)}`);
}"""

_axe: list[Axe] = []
_checked: set[tuple[str, int, str]] = set()
"""Pages that axe has looked at in this process: path without numbers, width, language."""


def words_of(page: Page) -> list[str]:
    """Return every text of the page and of its labels."""
    found: list[str] = page.evaluate(_WORDS)
    return found


def english_in(texts: list[str], allowed: frozenset[str] = NAMES) -> list[str]:
    """Return the texts that have an English word, but for the allowed names."""
    found = ((text, ENGLISH_WORD.findall(ADDRESS.sub("", text))) for text in texts)
    return [text for text, words in found if any(word not in allowed for word in words)]


def chinese_in(texts: list[str], data: list[str]) -> list[str]:
    """Return the texts in which Chinese stays once the names and words of the matters are taken out."""
    left = []
    for text in texts:
        rest = text
        for known in data:
            rest = rest.replace(known, "")
        if CHINESE.search(re.sub(r"[\u3400-\u9fff]+\*+[\u3400-\u9fff]*", "", rest)):
            left.append(text)
    return left


@dataclass
class Inspector:
    """Listens to one page from its beginning, and judges what it shows."""

    page: Page
    host: str
    width: int
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to listen."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # The browser remarks on every refusal; an answer that should not have been is seen below.
        if message.type in ("error", "warning") and not re.search(r"status of 4\d\d", message.text):
            self.troubles.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.troubles.append(f"asked another host: {request.url}")

    def _answered(self, response: Response) -> None:
        document = response.request.resource_type == "document"
        if response.status >= 500 or (response.status >= 400 and not document):
            self.troubles.append(f"answer {response.status}: {response.url}")

    def judge(self, language: str, data: list[str]) -> None:
        """Hold everything against the page as it stands now."""
        page, path = self.page, urlsplit(self.page.url).path
        troubles, self.troubles = self.troubles, []
        assert not troubles, f"{path}: {troubles}"
        title = page.title()
        assert title.partition(" · ")[0].strip(), f"{path} has no title of its own: {title!r}"
        assert page.locator("h1").count() == 1, f"{path} has not one h1"
        assert page.locator("h1").inner_text().strip(), f"{path} has an empty h1"
        wide = page.evaluate(_OVERFLOW)
        assert not wide, f"{path} is wider than {self.width}: {wide}"
        texts = words_of(page)
        odd = chinese_in(texts, data) if language == "en" else english_in(texts)
        assert not odd, f"{path} says in another language: {odd}"
        self._axe(path, language)

    def _axe(self, path: str, language: str) -> None:
        """Let axe look once at each distinct page and width."""
        kind = (re.sub(r"\d{6}-\d+-\d+-?\d*|\d+", "N", path), self.width, language)
        if kind in _checked:
            return
        _checked.add(kind)
        if not _axe:
            _axe.append(Axe())
        found: Any = _axe[0].run(self.page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
