"""Every page by keyboard alone: in the order one reads, seen, and never caught."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from tests.browser.visits import NARROW, PAGES, WIDE

WHERE = """() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  const box = here.getBoundingClientRect();
  const style = getComputedStyle(here);
  const line = here.getClientRects()[0];
  const middle = document.elementFromPoint((line.left + line.right) / 2, (line.top + line.bottom) / 2);
  return {
    what: `${here.tagName} ${here.textContent.trim() || here.id || here.getAttribute("href")}`.slice(0, 60),
    at: [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].indexOf(here),
    inView: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.left >= 0 && box.right <= innerWidth,
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    uncovered: here.contains(middle),
  };
}"""
ALL = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .map((one, at) => [at, one]).filter(([, one]) => one.checkVisibility()).map(([at]) => at)"""


def stops(page: Page, also: str = "") -> list[dict[str, object]]:
    """Where the Tab key leads, until it leaves the page; with what the script `also` says of each place."""
    met: list[dict[str, object]] = []
    for _ in range(2000):
        page.keyboard.press("Tab")
        here = page.evaluate(WHERE)
        if here is None or (met and here["at"] == met[0]["at"]):
            return met
        met.append(here | {"also": page.evaluate(also)} if also else here)
    raise AssertionError(f"the keyboard does not get out: {met[-3:]}")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", [name for name in PAGES if name != "green code"])
def test_everything_is_reached_in_reading_order_and_is_seen(visit, name, size):
    with visit(size) as opened:
        page = opened.go(PAGES[name], "fi")
        expected = page.evaluate(ALL)
        met = stops(page)
        assert [stop["at"] for stop in met] == expected
        for fault in ("inView", "outlined", "uncovered"):
            assert [stop["what"] for stop in met if not stop[fault]] == [], fault


@pytest.mark.parametrize("name", PAGES)
def test_the_first_key_press_offers_to_skip_the_menus(visit, name):
    with visit() as opened:
        page = opened.go(PAGES[name], "en")
        page.keyboard.press("Tab")
        skip = page.locator("a:focus")
        assert skip.inner_text() == "Skip to the content"
        assert skip.is_visible()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)") or (
            page.locator("main a, main input").count() == 0
        )
