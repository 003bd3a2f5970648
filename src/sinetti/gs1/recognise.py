"""Tells what a text that is no pack code seems to be, so that a person knows what to scan instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sinetti.gs1.identifiers import has_gs1_check_digit, is_ppn, is_pzn
from sinetti.gs1.scan import Finding, Severity

_DIGITS: Final = re.compile("[0-9]+")
_EAN_NAMES: Final = {8: "EAN-8", 12: "UPC-A", 13: "EAN-13", 14: "GTIN-14"}
# Numbers that GS1 leaves to shops for goods sold by weight: GS1 General Specifications §2.1.11, GS1 Finland prefixes.
_SHOP_NUMBER: Final = re.compile("(?:2[0-9]|0[24])[0-9]{11}")
_SSCC: Final = re.compile("(?:00)?([0-9]{18})")
_VNR: Final = re.compile("[0-9]{6}")
_PZN: Final = re.compile("(?:-|PZN[- ]?)([0-9]{7,8})", re.IGNORECASE)
_HIBC: Final = re.compile(r"\+[A-Z$0-9][A-Z0-9.$/+% \-]{3,}")
_ADDRESS: Final = re.compile(
    r"(?:https?://|www\.|[\w\-]+(?:\.[\w\-]+)*\.(?:fi|se|ax|com|eu|org|net|de)/?)\S*", re.IGNORECASE
)
# Object identifiers of prescriptions begin with that of the prescription centre's members (Kela, 1.2.246).
_PRESCRIPTION: Final = re.compile(r"(?:urn:oid:)?1\.2\.246(?:\.[0-9]+){3,}")
_PERSON_FI: Final = re.compile(r"[0-3][0-9][01][0-9][0-9]{2}[-+A-FU-Y][0-9]{3}[0-9A-Y]")
_PERSON_SE: Final = re.compile(r"(?:19|20)?[0-9]{2}[01][0-9][0-3][0-9][-+][0-9]{4}")


def recognise(text: str, start: int, end: int, symbology: str | None = None) -> Finding:
    """What the text between two positions seems to be. The first test that fits gives the answer.

    Values never repeat what belongs to a person.
    """
    data = text[start:end]
    for test in _TESTS:
        found = test(data)
        if found is not None:
            key, values = found
            return Finding(key, Severity.FATAL, start, end - start, values)
    if symbology is not None and symbology.startswith("]E"):
        return Finding(
            "linear-barcode", Severity.FATAL, start, end - start, {"kind": "EAN", "code": data[:20]}
        )
    return Finding("other-text", Severity.FATAL, start, end - start)


Found = tuple[str, dict[str, str]] | None


def _number(data: str) -> Found:
    if _DIGITS.fullmatch(data) is None:
        return None
    sscc = _SSCC.fullmatch(data)
    if sscc is not None and has_gs1_check_digit(sscc[1]):
        return "shipping-label", {"code": sscc[1]}
    if is_ppn(data) and data.startswith("11"):
        return "product-number-only", {"kind": "PPN", "code": data}
    kind = _EAN_NAMES.get(len(data))
    if kind is not None and has_gs1_check_digit(data):
        key = "price-label" if _SHOP_NUMBER.fullmatch(data) else "linear-barcode"
        return key, {"kind": kind, "code": data}
    if is_pzn(data) or _VNR.fullmatch(data) is not None:
        return "product-number-only", {"kind": "PZN" if is_pzn(data) else "Vnr", "code": data}
    return None if kind is None else ("linear-barcode", {"kind": kind, "code": data})


def _pzn(data: str) -> Found:
    match = _PZN.fullmatch(data)
    return ("product-number-only", {"kind": "PZN", "code": match[1]}) if match else None


def _pattern(key: str, pattern: re.Pattern[str]) -> Callable[[str], Found]:
    return lambda data: (key, {}) if pattern.fullmatch(data) is not None else None


_TESTS: Final[tuple[Callable[[str], Found], ...]] = (
    _pattern("empty", re.compile("")),
    _number,
    _pzn,
    _pattern("personal-identity-code", _PERSON_FI),
    _pattern("personal-identity-code", _PERSON_SE),
    _pattern("prescription-number", _PRESCRIPTION),
    _pattern("medical-device-code", _HIBC),
    _pattern("web-address", _ADDRESS),
)
