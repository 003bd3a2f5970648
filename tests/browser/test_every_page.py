"""Every page in every language, wide and narrow, by day and by night: accessible, and nothing scrolls sideways."""

from __future__ import annotations

import pytest
from tests.browser.visits import LANGUAGES, NARROW, PAGES, SHEET, WIDE, faults, hard_to_see, sideways

EVERYTHING = {**PAGES, "sheet": SHEET}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EVERYTHING)
def test_a_page_has_no_barriers_and_fits(visit, name, language):
    with visit() as opened:
        page = opened.go(EVERYTHING[name], language)
        assert page.locator("html").get_attribute("lang") == language
        found = {}
        for size in (WIDE, NARROW):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            found[size, "sideways"] = sideways(page)
            found[size, "faults"] = faults(page, repeated_parts=size == WIDE)
            # Paper is white by night, too.
            for scheme in ("light", "dark") if name != "sheet" else ("light",):
                page.emulate_media(color_scheme=scheme)
                found[size, scheme] = hard_to_see(page)
        assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("name", ["start", "interface", "codes", "alert code", "sheet"])
def test_a_page_fits_between_the_two_as_well(visit, name):
    with visit() as opened:
        page = opened.go(EVERYTHING[name], "fi")
        for width in (360, 480, 600, 736, 768, 992, 1024, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert sideways(page) == [], width


@pytest.mark.parametrize("name", ["start", "interface", "codes", "alert code"])
def test_a_page_fits_when_text_is_twice_as_large(visit, name):
    """WCAG 2.2 criterion 1.4.4, by the person's own choice of letter size."""
    with visit((640, 800)) as opened:
        page = opened.go(EVERYTHING[name], "fi")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert sideways(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_what_is_printed_is_dark_on_white_and_has_no_menus(visit, name):
    with visit(scheme="dark") as opened:
        page = opened.go(PAGES[name], "en")
        page.emulate_media(media="print", color_scheme="dark")
        colours = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        )
        assert colours == ["rgb(255, 255, 255)", "rgb(27, 35, 48)"]
        assert page.locator("nav:visible").count() == 0
        assert page.locator("h1:visible").count() == 1
