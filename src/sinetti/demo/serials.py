"""Serial numbers that look random and are the same in every demo: taken from a hash of what they are for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from string import ascii_lowercase, ascii_uppercase, digits

from sinetti.gs1.charset import SET_82

ALPHABETS = {"digit": digits, "upper": ascii_uppercase, "lower": ascii_lowercase, "set82": SET_82}


def made_serial(purpose: str, characters: Collection[str], length: int) -> str:
    """The serial number for a purpose, of `length` (at most 20) characters of the named alphabets."""
    alphabet = "".join(dict.fromkeys("".join(ALPHABETS[name] for name in sorted(characters))))
    number = int.from_bytes(hashlib.sha256(purpose.encode()).digest())
    made = []
    for _ in range(length):
        number, place = divmod(number, len(alphabet))
        made.append(alphabet[place])
    return "".join(made)
