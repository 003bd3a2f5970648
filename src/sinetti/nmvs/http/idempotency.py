"""The header `Idempotency-Key`: which ones are taken (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

from typing import Final

from sinetti.kit.problems import Problem

CHARACTERS_MAX: Final = 255


def idempotency_key(sent: str | None) -> str | None:
    """The key that the client sent, `None` for none. Problem 400: one that is empty, too long or not plain ASCII."""
    if sent is None:
        return None
    key = sent.strip()
    if not key or len(key) > CHARACTERS_MAX or not (key.isascii() and key.isprintable()):
        raise Problem("idempotency-key-invalid", 400, length_max=CHARACTERS_MAX)
    return key
