"""Takes the pictures of the documentation: SINETTI_PICTURES=1 .venv/bin/pytest tests/browser."""

from __future__ import annotations

import pytest
from tests.browser.pictures import take
from tests.browser.visits import SHEET

SHOTS = {
    # name: path, language, width and height
    "code": ("/codes/51220200", "en", (1100, 800)),
    "codes": ("/codes", "en", (1100, 820)),
    "sheet": (SHEET, "en", (794, 860)),
}


@pytest.mark.parametrize("name", SHOTS)
def test_a_picture_is_taken_and_is_small(visit, name):
    path, language, size = SHOTS[name]
    with visit(size, device_scale_factor=1.25) as opened:
        take(opened.go(path, language), name)
