"""What somebody types or scans into a field for a product code: the code, or what is wrong with it."""

from __future__ import annotations

import re

import msgspec

from sinetti.gs1.identifiers import GTIN_LENGTH, gs1_check_digit, is_gtin, is_ppn, pad_gtin
from sinetti.gs1.parse import parse_scan

_VNR = re.compile(r"[0-9]{6}")
_SPACES = re.compile(r"[\s\u00a0]+")


class PackCode(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood. Where `fault` is set, it names the text that says why it is no product code."""

    scheme: str = "gs1"
    product_code: str = ""
    serial_number: str | None = None
    """Set where the whole code of a pack was scanned into the field."""
    batch: str | None = None
    fault: str | None = None
    expected: str = ""
    """The check digit that would be right."""


def read_pack_code(given: str) -> PackCode:
    """A GTIN of 8 to 14 digits, a PPN, or all that a scanner sends of a pack's 2D code."""
    typed = _SPACES.sub("", given)
    code = pad_gtin(typed)
    if is_gtin(code):
        return PackCode(product_code=code)
    # Before the PPN, whose two check digits one in a hundred other texts has, too.
    scan = parse_scan(given)
    if scan.product_code is not None and scan.serial_number is not None and scan.scheme is not None:
        return PackCode(
            scheme=scan.scheme,
            product_code=scan.product_code,
            serial_number=scan.serial_number,
            batch=scan.batch,
        )
    return PackCode(scheme="ifa", product_code=typed) if is_ppn(typed) else _faulty(code)


def _faulty(code: str) -> PackCode:
    if not code:
        return PackCode(fault="missing")
    # NMVO-0048 v5.0 §6.1: the Nordic article number is what people have at hand, and it is no product code.
    if _VNR.fullmatch(code):
        return PackCode(fault="vnr")
    if len(code) == GTIN_LENGTH and code.isascii() and code.isdigit():
        return PackCode(fault="check_digit", expected=gs1_check_digit(code[:-1]))
    return PackCode(fault="other")
