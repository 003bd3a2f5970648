"""R04: the linear barcode of the product, or the beginning of one, is stuck to the value (NMVO-0048 v5.0 §6.2)."""

from __future__ import annotations

from collections.abc import Iterator

from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.gs1.identifiers import GTIN_LENGTH, is_gtin, pad_gtin
from sinetti.rules.vocabulary import Cause

RULE = "R04"
DIGITS_MIN = 3
_EAN_13 = 13
_PREFIX_MIN = 2


def barcodes_of(product_code: str) -> tuple[str, ...]:
    """What the linear barcode of a product says: its GTIN of 14 digits, and of 13 and 12 where it has them."""
    if len(product_code) != GTIN_LENGTH or not product_code.isdigit():
        return ()
    short = product_code.lstrip("0")
    return tuple(product_code[-length:] for length in (14, 13, 12, 8) if len(short) <= length)


def guesses(sent: Sent, _: Field, value: str) -> Iterator[str]:
    """The value without a barcode before or after it."""
    for end in range(_PREFIX_MIN, len(value) - DIGITS_MIN + 1):
        if _is_barcode(sent, value[end:], begins=True):
            yield value[:end]
        if _is_barcode(sent, value[: len(value) - end], begins=False):
            yield value[len(value) - end :]


def explain(sent: Sent, _: Field, stored: str, value: str) -> Explained | None:
    """The stored value with a barcode, or three digits of the product's at least, before or after it."""
    more = len(value) - len(stored)
    if more < DIGITS_MIN:
        return None
    if value.startswith(stored) and _is_barcode(sent, value[len(stored) :], begins=True):
        how = "barcode_after"
    elif value.endswith(stored) and _is_barcode(sent, value[:more], begins=False):
        how = "barcode_before"
    else:
        return None
    return Explained(
        rule=RULE, cause=Cause.BARCODE_APPENDED, how=how, values={"digits": str(more)}, tries=len(value)
    )


def _is_barcode(sent: Sent, digits: str, *, begins: bool) -> bool:
    """Whether these are digits of the product's barcode, from its beginning or its end, or a whole EAN-13."""
    if len(digits) < DIGITS_MIN or not digits.isdigit():
        return False
    for code in barcodes_of(sent.product_code):
        if code.startswith(digits) if begins else code.endswith(digits):
            return True
    return len(digits) == _EAN_13 and is_gtin(pad_gtin(digits))
