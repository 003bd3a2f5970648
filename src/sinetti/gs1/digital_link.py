"""Reads GS1 Digital Link addresses, `https://example.com/01/05060141900022/21/AB-7?17=270300&10=L1`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from sinetti.gs1.ai import application_identifiers
from sinetti.gs1.scan import Element
from sinetti.gs1.values import problems_of

_ADDRESS: Final = re.compile(r"(?:https?://|www\.)[^\s/?#]+", re.IGNORECASE)
_PATH: Final = re.compile(r"/(01|8006)/")
_PAIR_IN_PATH: Final = re.compile(r"/([0-9]{2,4})/([^/?#]*)")
_PAIR_IN_QUERY: Final = re.compile(r"[?&;]([0-9]{2,4})=([^&;#]*)")


def looks_like_address(text: str, start: int) -> bool:
    """Whether a web address begins here."""
    return text.startswith(("h", "H", "w", "W"), start) and _ADDRESS.match(text, start) is not None


def read_digital_link(text: str, start: int, end: int) -> list[Element]:
    """The elements of the address between two positions; none when it names no trade item.

    Source: GS1 Digital Link Standard: URI Syntax §4. Compressed addresses are not read.
    """
    host = _ADDRESS.match(text, start, end)
    if host is None:
        return []
    query_start = text.find("?", host.end(), end)
    path_end = query_start if query_start >= 0 else end
    path = _PATH.search(text, host.end(), path_end)
    if path is None:
        return []
    return [_element(match) for match in _pairs(text, path.start(), path_end, end)]


def _pairs(text: str, start: int, path_end: int, end: int) -> Iterator[re.Match[str]]:
    position = start
    while (match := _PAIR_IN_PATH.match(text, position, path_end)) is not None:
        if match[1] in application_identifiers():
            yield match
        position = match.end()
    for match in _PAIR_IN_QUERY.finditer(text, path_end, end):
        if match[1] in application_identifiers():
            yield match


def _element(match: re.Match[str]) -> Element:
    code = match[1]
    start, end = match.span(2)
    value = unquote(match[2], errors="replace")
    problems = problems_of(application_identifiers()[code], value, start)
    if value != match[2]:
        # Positions inside a decoded value are not those of the text, so such a finding names the whole of it.
        problems = tuple(type(one)(one.key, one.severity, start, end - start, one.values) for one in problems)
    return Element(code, application_identifiers()[code].title, value, start, end, problems)
