"""Undoes what Caps Lock or another keyboard layout did to a scan, so that it can be told what the code likely says.

The result is a guess for a person; it never replaces what was read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

CAPS_LOCK: Final = "caps-lock"
_PREFIXES: Final = frozenset({"]d2", "]d1", "]C1", "]Q3", "]Q1", "]e0", "]J1"})
_PREFIX_LENGTH: Final = 3


@cache
def _layouts() -> Mapping[str, dict[int, int]]:
    """For each layout of `tables/keyboards.toml` the way back to what the scanner meant."""
    text = (resources.files(__package__) / "tables" / "keyboards.toml").read_text(encoding="utf-8")
    keys = tomllib.loads(text)
    meant = keys.pop("scanner")
    return {
        name: str.maketrans(layout["plain"] + layout["shift"], meant["plain"] + meant["shift"])
        for name, layout in keys.items()
    }


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
