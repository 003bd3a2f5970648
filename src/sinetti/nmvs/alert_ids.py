"""Alert ids: country code and five groups of three characters that nobody mistakes for others."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O. 32 characters, so that five random bits choose one."""

_GROUPS = 5
_GROUP_LENGTH = 3
_BITS = 5 * _GROUPS * _GROUP_LENGTH


def new_alert_id(market: str) -> str:
    """A new alert id of a market, such as `FI-7KD-2MP-X9A-4TQ-H8C`.

    The 75 random bits come from the operating system; the primary key of `alert` makes sure of the rest.
    The form is the one that the Czech operator documents for the European system; the alphabet is ours.
    """
    number = secrets.randbits(_BITS)
    characters = [ALPHABET[number >> shift & 31] for shift in range(0, _BITS, 5)]
    groups = [
        "".join(characters[start : start + _GROUP_LENGTH])
        for start in range(0, len(characters), _GROUP_LENGTH)
    ]
    return "-".join([market, *groups])
