"""What scanners put around and between the data: symbology identifiers, separators and what they send instead.

Nothing is replaced, so that every position stays one of the text that was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sinetti.gs1.ai import application_identifier_at

GROUP_SEPARATOR: Final = "\x1d"
"""What a scanner sends for FNC1 between elements (GS1 General Specifications §7.8.3)."""

_AROUND: Final = "\r\n\t \x00"
_SYMBOLOGY: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
# One in the middle of a text; `^]`, `[GS]` and `[FNC1]` before a data identifier are none.
_ANOTHER_SYMBOLOGY: Final = re.compile(r"(?<!\^)(?<!GS)(?<!C1)\][A-Za-z][0-9]")
GS1_SYMBOLOGIES: Final = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
"""Symbology identifiers that say that GS1 elements follow (GS1 General Specifications §5.1.3)."""

# Characters outside set 82 cannot be data, so one followed by an application identifier each time it occurs is a
# separator. Those of several characters are names and escapes of GS that scanners and their drivers can be set to
# send; ↔ is how code page 437 draws it, è and ñ are the bytes 232 and 241 that some software takes for FNC1.
_STAND_INS: Final = re.compile(
    r"<GS>|\{GS\}|\[GS\]|<FNC1>|\{FNC1\}|\[FNC1\]|<0x1[Dd]>|&#29;|&#x1[Dd];|\\u001[Dd]|\\x1[Dd]|\\035|\^\]"
    "|[\u241d\u2194\u00e8\u00f1\u00a7\u00a4|#~^@$`\\\\\x1c\x1e\x1f]"
)


def trim(text: str) -> tuple[int, int]:
    """Where the data begins and ends: without the line ends, tabs and blanks that keyboard wedges add."""
    end = len(text.rstrip(_AROUND))
    return min(len(text) - len(text.lstrip(_AROUND)), end), end


def symbology_at(text: str, position: int) -> str | None:
    """The symbology identifier that stands here, such as `]d2` (ISO/IEC 15424)."""
    match = _SYMBOLOGY.match(text, position)
    return match[0] if match else None


def next_symbology(text: str, position: int, end: int) -> int | None:
    """Where another symbology identifier begins further on; no data can hold its `]`."""
    if text.find("]", position, end) < 0:
        return None
    match = _ANOTHER_SYMBOLOGY.search(text, position, end)
    return match.start() if match and match.start() > position else None


def separator_of(
    text: str,
    start: int,
    end: int,
    begins_element: Callable[[str, int], object | None] = application_identifier_at,
) -> str:
    """What stands between elements: the group separator, or what the scanner sends in its place.

    A stand-in counts only when an identifier, another one or the end follows it everywhere; `begins_element` tells.
    """
    if text.find(GROUP_SEPARATOR, start, end) >= 0:
        return GROUP_SEPARATOR
    tried: set[str] = set()
    for match in _STAND_INS.finditer(text, start, end):
        stand_in = match[0]
        if stand_in not in tried and _separates(text, stand_in, match.start(), end, begins_element):
            return stand_in
        tried.add(stand_in)
    return GROUP_SEPARATOR


def _separates(
    text: str, stand_in: str, first: int, end: int, begins_element: Callable[[str, int], object | None]
) -> bool:
    position = first
    while position >= 0:
        after = position + len(stand_in)
        if after < end and not text.startswith(stand_in, after) and begins_element(text, after) is None:
            return False
        position = text.find(stand_in, after, end)
    return True
