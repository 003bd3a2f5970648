"""Pictures of the real pages for the documentation, taken by tests on request: SINETTI_PICTURES=1."""

from __future__ import annotations

import io
import os
from collections import Counter
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
BYTES_MAX = 80_000
COLOURS = 96
ON_REQUEST = bool(os.environ.get("SINETTI_PICTURES"))


def take(page: Page, name: str) -> None:
    """Keep what the window shows as a picture of the documentation, small enough for a repository."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
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
