"""Takes the pictures of the documentation: SINETTI_PICTURES=1 .venv/bin/pytest tests/browser/test_pictures.py."""

from __future__ import annotations

import io
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from tests.browser.visits import SHEET

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
BYTES_MAX = 80_000
COLOURS = 96
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
        picture = Image.open(io.BytesIO(opened.go(path, language).screenshot())).convert("RGB")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with_few_colours(picture).save(FOLDER / f"{name}.png", optimize=True)
    assert (FOLDER / f"{name}.png").stat().st_size < BYTES_MAX


def with_few_colours(picture: Image.Image) -> Image.Image:
    """The colours that it has most of, exactly; any other becomes the nearest of them."""
    pixels = [*picture.get_flattened_data()]
    counted = Counter(pixels)
    kept = [colour for colour, _ in counted.most_common(COLOURS)]
    nearest = {colour: kept.index(min(kept, key=partial(distance, colour))) for colour in counted}
    small = Image.frombytes("P", picture.size, bytes(map(nearest.__getitem__, pixels)))
    small.putpalette([part for colour in kept for part in colour])
    return small


def distance(one, other):
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
