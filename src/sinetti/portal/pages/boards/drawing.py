"""Draws sums as bars and lines: reckons where they stand in a picture, which a template makes an SVG of. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

BAR_WIDTH, BARS_HEIGHT, BAR_GAP = 6, 28, 2
CHART_WIDTH, CHART_HEIGHT = 720, 200
_LEAST_BAR: Final = 2
"""So that a single alert beside hundreds is still seen."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A bar, in units of the picture; `y` is its upper end."""

    x: int
    y: float
    height: float


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A line over time, with the height that it should stay under."""

    lines: tuple[str, ...]
    """Points of each piece; a day without a value ends one."""
    dots: tuple[tuple[float, float], ...]
    """Values whose neighbours are missing, which no line shows."""
    target_y: float
    top: float
    """The value at the upper end."""


def bars(values: Sequence[int], most: int) -> list[Bar]:
    """A bar for each value; `most` is the value of a bar of full height."""
    drawn = []
    for number, value in enumerate(values):
        height = max(round(BARS_HEIGHT * value / most, 1), _LEAST_BAR) if value else 0.0
        drawn.append(Bar(x=number * (BAR_WIDTH + BAR_GAP), y=round(BARS_HEIGHT - height, 1), height=height))
    return drawn


def bars_width(count: int) -> int:
    """How wide the picture of so many bars is."""
    return max(count * (BAR_WIDTH + BAR_GAP) - BAR_GAP, 1)


def chart(values: Sequence[float | None], target: float) -> Chart:
    """A line through the values, as high as the highest of them or the target."""
    top = 1.1 * max([target, *(value for value in values if value is not None)])
    step = CHART_WIDTH / max(len(values) - 1, 1)

    def height(value: float) -> float:
        return round(CHART_HEIGHT * (1 - value / top), 1)

    pieces: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((round(number * step, 1), height(value)))
    return Chart(
        lines=tuple(" ".join(f"{x:g},{y:g}" for x, y in piece) for piece in pieces if len(piece) > 1),
        dots=tuple(piece[0] for piece in pieces if len(piece) == 1),
        target_y=height(target),
        top=top,
    )
