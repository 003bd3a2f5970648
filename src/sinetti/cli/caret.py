"""Shows where in a scanned text something is: the text made visible, and marks under it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_SHOWN: Final = {
    "\x1d": "␝",
    "\x1e": "␞",
    "\x04": "␄",
    "\x1c": "␜",
    "\x1f": "␟",
    "\r": "␍",
    "\n": "␊",
    "\t": "␉",
}
_CONTEXT: Final = 96


def visible(text: str) -> str:
    """The text with a sign for each control character, so that positions stay the same."""
    return "".join(_SHOWN.get(sign) or (sign if sign.isprintable() else "�") for sign in text)


def caret_lines(text: str, spots: Iterable[tuple[int, int]]) -> tuple[str, str]:
    """The text, and a line of `^` under each spot (start and length; a length of 0 marks the place before it).

    A long text is cut to the part around the first spot.
    """
    places = sorted(spots)
    first = places[0][0] if places else 0
    begin = max(0, first - _CONTEXT // 2) if len(text) > _CONTEXT else 0
    shown = visible(text[begin : begin + _CONTEXT])
    marks = [" "] * (len(shown) + 1)
    for start, length in places:
        for position in range(start - begin, start - begin + max(length, 1)):
            if 0 <= position < len(marks):
                marks[position] = "^"
    before, after = "…" if begin else "", "…" if begin + _CONTEXT < len(text) else ""
    return f"{before}{shown}{after}", f"{' ' * len(before)}{''.join(marks)}".rstrip()
