"""What somebody types or scans into a field for a product code: the code, or what is wrong with it."""

from __future__ import annotations

import re

import msgspec

from sinetti.gs1.identifiers import (
    GTIN_LENGTH,
    gs1_check_digit,
    is_expiry,
    is_gtin,
    is_ppn,
    pad_gtin,
)
from sinetti.gs1.parse import parse_scan

_VNR = re.compile(r"[0-9]{6}")
_PRINTED_DATES = (
    re.compile(r"(?P<month>[0-9]{1,2})[/.-](?P<year>20[0-9]{2}|[0-9]{2})"),
    re.compile(r"(?P<year>20[0-9]{2})[/.-](?P<month>[0-9]{1,2})(?:[/.-](?P<day>[0-9]{1,2}))?"),
    re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>20[0-9]{2})"),
)
_SPACES = re.compile(r"[\s\u00a0]+")


class PackCode(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood. Where `fault` is set, it names the text that says why it is no product code."""

    scheme: str = "gs1"
    product_code: str = ""
    serial_number: str | None = None
    """Set where the whole code of a pack was scanned into the field."""
    batch: str | None = None
    expiry: str | None = None
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
            expiry=scan.expiry,
        )
    return PackCode(scheme="ifa", product_code=typed) if is_ppn(typed) else _faulty(code)


def read_expiry(given: str) -> str | None:
    """YYMMDD of an expiry date as the code has it or as it is printed: `12/2030`, `12/30`, `2030-12`, `31.12.2030`.

    A month alone is its day 00, as in the code. `None` for what is no date.
    """
    typed = _SPACES.sub("", given)
    if typed.isascii() and typed.isdigit():
        return typed if is_expiry(typed) else None
    for form in _PRINTED_DATES:
        if found := form.fullmatch(typed):
            parts = found.groupdict()
            written = f"{parts['year'][-2:]}{parts['month']:0>2}{parts.get('day') or '00':0>2}"
            return written if is_expiry(written) else None
    return None


def _faulty(code: str) -> PackCode:
    if not code:
        return PackCode(fault="missing")
    # NMVO-0048 v5.0 §6.1: the Nordic article number is what people have at hand, and it is no product code.
    if _VNR.fullmatch(code):
        return PackCode(fault="vnr")
    if len(code) == GTIN_LENGTH and code.isascii() and code.isdigit():
        return PackCode(fault="check_digit", expected=gs1_check_digit(code[:-1]))
    return PackCode(fault="other")
