"""Pages as a browser shows them, and what may never happen while it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

LANGUAGES = ("fi", "sv", "en")
PAGES = {
    "start": "/",
    "interface": "/docs",
    "codes": "/codes",
    "green code": "/codes/11110100",
    "alert code": "/codes/41020011",
    "problem": "/problems/malformed-json",
    "no such code": "/codes/99999999",
    "no such page": "/nothing/here",
}
SHEET = "/demo-sheet"
"""Where the tests put the sheet of the demo country, which is a file and has no address of its own."""

WIDE = (1280, 900)
NARROW = (320, 740)
"""A telephone, and what WCAG 2.2 criterion 1.4.10 asks to be enough."""
BLANK = "about:blank"
Scheme = Literal["light", "dark"]


@dataclass
class Visit:
    """A page in a browser, with what was noted while it was open."""

    page: Page
    address: str
    """Of the system; no request may go elsewhere."""
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def go(self, path: str, language: str = "", anchor: str = "") -> Page:
        """Open a page of the system."""
        query = f"?lang={language}" if language else ""
        self.page.goto(self.address + path + query + anchor)
        return self.page

    def note(self, message: ConsoleMessage) -> None:
        """Keep errors. That the page itself is a 404 is one for Chromium, and intended where it is asked for."""
        page_is_missing = "404" in message.text and message.location.get("url") == self.page.url
        if message.type in {"error", "warning"} and not page_is_missing:
            self.errors.append(message.text)

    def note_error(self, error: Exception) -> None:
        """Keep what a script of the page did not catch."""
        self.errors.append(str(error))

    def note_request(self, request: Request) -> None:
        """Keep what goes elsewhere."""
        if request.url != BLANK and urlsplit(request.url).netloc != urlsplit(self.address).netloc:
            self.elsewhere.append(request.url)


class Visitor:
    """`with visitor(size, scheme) as visit:` gives a browser, and fails when there was an error in its console or
    a request to elsewhere. Its page is the same for all visits, for a new one costs half a second; further options
    of a browser context get a page of their own.
    """

    def __init__(self, browser: Browser, address: str, sheet: Callable[[str], str]) -> None:
        self._browser = browser
        self._address = address
        self._sheet = sheet
        self._page = self._new_page()

    def _new_page(self, **options: Any) -> Page:
        page = self._browser.new_context(service_workers="block", **options).new_page()
        show_sheet(page, self._sheet)
        return page

    @contextmanager
    def __call__(
        self, size: tuple[int, int] = WIDE, scheme: Scheme = "light", **options: Any
    ) -> Iterator[Visit]:
        page = self._new_page(**options) if options else self._page
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(media="null", color_scheme=scheme)
        visit = Visit(page, self._address)
        listeners: dict[Any, Callable[[Any], None]] = {
            "console": visit.note,
            "pageerror": visit.note_error,
            "request": visit.note_request,
        }
        for event, listener in listeners.items():
            page.on(event, listener)
        try:
            yield visit
        finally:
            page.goto(BLANK)
            for event, listener in listeners.items():
                page.remove_listener(event, listener)
            if options:
                page.context.close()
        assert visit.errors == []
        assert visit.elsewhere == []


def show_sheet(page: Page, sheet: Callable[[str], str]) -> None:
    """Let the browser find the sheet at `SHEET`, in the language that the address names."""
    page.route(
        f"**{SHEET}?*",
        lambda route: route.fulfill(
            body=sheet(route.request.url[-2:]), content_type="text/html; charset=utf-8"
        ),
    )


@cache
def axe() -> str:
    """The program of axe-core, as axe-playwright-python carries it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
MORE_OF_THE_SAME = [
    ".guide section section:nth-of-type(n+3)",
    ".guide > div > section:nth-of-type(n+5)",
    "main > section:nth-of-type(n+4)",
    ".cards li:nth-of-type(n+3)",
]
"""Parts that differ from those before them only in their words: their colours need no second look."""


def faults(page: Page, *, repeated_parts: bool) -> list[str]:
    """What axe-core finds against the page apart from its colours."""
    off = {rule: {"enabled": False} for rule in COLOUR_RULES}
    return _findings(page, [] if repeated_parts else MORE_OF_THE_SAME, {"runOnly": STANDARDS, "rules": off})


def hard_to_see(page: Page) -> list[str]:
    """What axe-core finds against the colours of the page."""
    return _findings(page, MORE_OF_THE_SAME, {"runOnly": COLOUR_RULES})


def _findings(page: Page, without: list[str], options: dict[str, Any]) -> list[str]:
    """A line each: rule, what it is about, how often, the first of the places."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())
    found = page.evaluate(
        """([without, options]) => {
          const exclude = without.filter((one) => document.querySelector(one)).map((one) => [one]);
          return axe.run({exclude}, {...options, resultTypes: ['violations']}).then((result) => result.violations);
        }""",
        [without, options],
    )
    return [
        f"{one['id']}: {one['help']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:200]}" for one in found
    ]


def sideways(page: Page) -> list[str]:
    """What does not fit the width of the window, by tag and text: what scrolls sideways, and words that are cut off,
    which make the page no wider where they stand in a part that contains its layout. Empty where all fits. A wide table
    may scroll in a named part of its own that the keyboard reaches (WCAG 2.2, 1.4.10 excepts them).
    """
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          const scrolls = document.documentElement.scrollWidth > width;
          const inside = [...document.querySelectorAll('body *')].filter(
            (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible'
              && getComputedStyle(one).position !== 'absolute'
              && !one.matches('[role=region][tabindex="0"][aria-label]'));
          const outside = [...document.querySelectorAll('body *')].filter(
            (one) => one.getBoundingClientRect().right > width + 1);
          const cut = [];
          const walk = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
          const range = document.createRange();
          const mayBeOutside = '.govuk-visually-hidden, select, script, style, [tabindex="0"]';
          while (walk.nextNode()) {
            const words = walk.currentNode.data.trim(), at = walk.currentNode.parentElement;
            if (!words || at.closest(mayBeOutside) || getComputedStyle(at).position === 'absolute') continue;
            range.selectNodeContents(walk.currentNode);
            if (range.getBoundingClientRect().right > width + 1) cut.push(at);
          }
          return (scrolls ? outside : []).concat(inside, cut).map(
            (one) => one.tagName + ' ' + one.textContent.trim().slice(0, 60));
        }"""
    )
    return found


def check(page: Page) -> None:
    """Nothing of the program where words should be, nothing that does not fit a wide or a narrow window in this
    language; no barrier, by day and by night. Barriers are looked for in the Finnish page: `test_portal_pages.py`
    does so for every page, and words make none.
    """
    # A click goes on as soon as the next page begins to come; how wide it is shows only with its style sheet.
    page.wait_for_load_state("load")
    assert "built-in method" not in page.content()
    assert "object at 0x" not in page.content()
    everything = page.evaluate("document.documentElement.lang") == "fi"
    found: dict[Any, list[str]] = {}
    for size in (NARROW, WIDE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        found[size, "sideways"] = sideways(page)
        if everything:
            found[size, "faults"] = faults(page, repeated_parts=True)
    for scheme in ("light", "dark") if everything else ():
        page.emulate_media(color_scheme=scheme)
        found[scheme] = hard_to_see(page)
    page.emulate_media(color_scheme="light")
    assert {where: what for where, what in found.items() if what} == {}, page.url
