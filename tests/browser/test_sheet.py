"""The sheet of the demo country as a screen shows it and as it is printed: each code reads back as its pack."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from tests.browser.conftest import FIRST_DAY
from tests.browser.visits import LANGUAGES, SHEET

from sinetti.demo.load import load_country
from sinetti.demo.sheet import code_on_sheet
from sinetti.gs1.images import read_codes

QUIET = 8
"""Pixels around a code that are cut out with it."""


@pytest.mark.parametrize("medium", ["screen", "print"])
def test_every_code_is_read_off_the_page(visit, medium):
    samples = {one.key: one for one in load_country(FIRST_DAY.date()).samples if one.sheet_group}
    with visit((794, 1123), device_scale_factor=2) as opened:
        page = opened.go(SHEET, "fi")
        page.emulate_media(media=medium)
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
        places = page.evaluate(
            """() => [...document.querySelectorAll('.card')].map((card) => {
              const box = card.querySelector('.code svg').getBoundingClientRect();
              return [card.id, box.left + scrollX, box.top + scrollY, box.right + scrollX, box.bottom + scrollY];
            })"""
        )
    assert {key for key, *_ in places} == samples.keys()
    for key, *box in places:
        left, top, right, bottom = (round(2 * value) for value in box)
        [code] = read_codes(picture.crop((left - QUIET, top - QUIET, right + QUIET, bottom + QUIET)))
        assert code.text.removeprefix("]d2").removeprefix("]d1") == code_on_sheet(samples[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_prints_on_sheets_of_a4_without_a_card_cut_in_two(visit, language):
    with visit() as opened:
        page = opened.go(SHEET, language)
        assert page.locator(".card").first.evaluate("card => getComputedStyle(card).breakInside") == "avoid"
        printed = page.pdf(prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    cards = sum(1 for one in load_country(FIRST_DAY.date()).samples if one.sheet_group)
    assert cards / 6 <= sheets <= cards / 3
    [size] = {
        tuple(round(float(side)) for side in box)
        for box in re.findall(rb"/MediaBox \[0 0 (\S+) (\S+)\]", printed)
    }
    assert size == (595, 842), "points of A4"
