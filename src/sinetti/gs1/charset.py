"""Characters that GS1 element strings and IFA messages may hold. Pure and fast: on the path of every pack."""

from __future__ import annotations

from typing import Final

SET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""Characters of batch and serial numbers, in ASCII order (GS1 General Specifications §7.11, table 7.11-1)."""

SET_39: Final = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Characters of the component part identifier (GS1 General Specifications §7.11, table 7.11-2)."""

SET_64: Final = "-0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""Characters of file-safe base64, and its padding sign (GS1 General Specifications §7.11, table 7.11-3)."""

DIGIT: Final = 1
UPPER_CASE: Final = 2
LOWER_CASE: Final = 4
OTHER: Final = 8


def _class_of(character: str) -> int:
    if "0" <= character <= "9":
        return DIGIT
    if "A" <= character <= "Z":
        return UPPER_CASE
    return LOWER_CASE if "a" <= character <= "z" else OTHER


_CLASSES: Final = bytes(_class_of(chr(code)) for code in range(256))


def character_classes(text: str) -> int:
    """Kinds of characters that occur in the text: 1 digits, 2 upper-case, 4 lower-case letters, 8 any other.

    The bits are added up; an empty text has none. Letters and digits are those of ASCII. Two serial numbers
    with different masks have a different format, which is what operation codes 41020007-12 tell of.
    """
    found = text.encode("ascii", "replace").translate(_CLASSES)
    return (DIGIT in found) | (UPPER_CASE in found) << 1 | (LOWER_CASE in found) << 2 | (OTHER in found) << 3
