"""Bounds of what comes before a body: the HTTP parser has hardly any of its own."""

from __future__ import annotations

from typing import Final

from starlette.types import Scope

from sinetti.kit.problems import Problem

TARGET_BYTES_MAX: Final = 8 * 1024
"""Path and query. The longest that makes sense is some 300 bytes, with every character percent-encoded."""

HEADERS_BYTES_MAX: Final = 32 * 1024
"""All header fields together. Systems of pharmacies send some 500 bytes."""


def out_of_bounds(scope: Scope) -> Problem | None:
    """The problem with a request whose address or header is absurdly long: 414 or 431."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > TARGET_BYTES_MAX:
        return Problem("address-too-long", 414, limit_bytes=TARGET_BYTES_MAX)
    if sum([len(name) + len(value) for name, value in scope["headers"]]) > HEADERS_BYTES_MAX:
        return Problem("headers-too-large", 431, limit_bytes=HEADERS_BYTES_MAX)
    return None
