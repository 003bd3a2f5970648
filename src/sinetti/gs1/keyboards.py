"""Undoes what Caps Lock or another keyboard layout did to a scan, so that it can be told what the code likely says.

The result is a guess for a person; it never replaces what was read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from sinetti.gs1.charset import SET_82

CAPS_LOCK: Final = "caps-lock"
AMERICAN: Final = "us"
"""The layout that scanners are set to when they come from the factory."""

_PREFIXES: Final = frozenset({"]d2", "]d1", "]C1", "]Q3", "]Q1", "]e0", "]J1"})
_PREFIX_LENGTH: Final = 3


@cache
def _keys() -> Mapping[str, str]:
    """The characters of each layout's keys, without and then with shift; the American layout comes first."""
    text = (resources.files(__package__) / "tables" / "keyboards.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return {
        AMERICAN if name == "scanner" else name: layout["plain"] + layout["shift"]
        for name, layout in tables.items()
    }


@cache
def _layouts() -> Mapping[str, dict[int, int]]:
    """For each layout of `tables/keyboards.toml` the way back to what an American scanner meant."""
    keys = dict(_keys())
    meant = keys.pop(AMERICAN)
    return {name: str.maketrans(layout, meant) for name, layout in keys.items()}


def layout_names() -> tuple[str, ...]:
    """The keyboard layouts that are known, most likely first."""
    return tuple(_layouts())


def undo(text: str, cause: str) -> str:
    """What the scanner likely meant, if the cause (`caps-lock` or the name of a layout) changed the text."""
    return text.swapcase() if cause == CAPS_LOCK else text.translate(_layouts()[cause])


def mistyped(text: str, cause: str) -> str:
    """What the cause makes of a scanner's text: the reverse of `undo`, for demonstrations and tests."""
    return text.swapcase() if cause == CAPS_LOCK else text.translate(_layouts_forward()[cause])


@cache
def _layouts_forward() -> Mapping[str, dict[int, int]]:
    return {name: {meant: typed for typed, meant in keys.items()} for name, keys in _layouts().items()}


def cause_of_prefix(text: str, start: int) -> str | None:
    """What changed the symbology identifier that should stand here, such as `¨d2` for `]d2`; `None` for nothing."""
    prefix = text[start : start + _PREFIX_LENGTH]
    if prefix in _PREFIXES or len(prefix) < _PREFIX_LENGTH:
        return None
    return next((cause for cause in (CAPS_LOCK, *_layouts()) if undo(prefix, cause) in _PREFIXES), None)


@dataclass(frozen=True, slots=True)
class LayoutChange:
    """One way in which a scanner that types for one layout and a computer with another change what is on a pack."""

    arrives: Mapping[int, int]
    """What arrives for each character of set 82 that changes; a table for `str.translate`."""
    meant: Mapping[int, int]
    """The way back. Where two characters arrive as the same, the first in ASCII order."""
    pairs: tuple[tuple[str, str], ...]
    """Layout of the scanner and of the computer: all pairs that change set 82 in this very way."""


@cache
def layout_changes() -> tuple[LayoutChange, ...]:
    """Every way in which two layouts that differ change characters of set 82, those of American scanners first."""
    found: dict[tuple[tuple[int, int], ...], list[tuple[str, str]]] = {}
    for scanner in _keys():
        for computer in _keys():
            change = tuple(sorted(_arrives(scanner, computer).items()))
            if change:
                found.setdefault(change, []).append((scanner, computer))
    return tuple(
        LayoutChange(
            arrives=dict(change),
            meant={there: here for here, there in reversed(change)},
            pairs=tuple(pairs),
        )
        for change, pairs in found.items()
    )


def typed(text: str, scanner: str, computer: str) -> str:
    """What arrives when a scanner types this text for one layout and the computer has another."""
    return text.translate(_arrives(scanner, computer))


@cache
def _arrives(scanner: str, computer: str) -> Mapping[int, int]:
    """The characters of set 82 that another one arrives for. One without a key is left as it is."""
    keys = _keys()
    places = {character: place for place, character in reversed(tuple(enumerate(keys[scanner])))}
    there = keys[computer]
    return {
        ord(character): ord(there[places[character]])
        for character in SET_82
        if character in places and there[places[character]] != character
    }
