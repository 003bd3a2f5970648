"""Two values beside each other, character by character: only for those who may see what is stored. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Pieces = list[tuple[str, bool]]
"""A value in pieces, each with whether it differs."""


def compared_values(difference: Mapping[str, Any]) -> tuple[str, Pieces, Pieces]:
    """Field, and what was sent and what is stored in pieces: each with whether it differs."""
    spans = difference["spans"]
    sent = _marked(difference["sent"], [(span["sent_start"], span["sent_end"]) for span in spans])
    stored = _marked(difference["stored"], [(span["stored_start"], span["stored_end"]) for span in spans])
    return difference["field"], sent, stored


def _marked(text: str, places: Sequence[tuple[int, int]]) -> Pieces:
    pieces, at = [], 0
    for start, end in sorted(places):
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]
