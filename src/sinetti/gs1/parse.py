"""Reads whatever a scanner sends for a pack: `parse_scan`. Odd data is kept and told about, never mended.

What is plainly no pack code, and what a scanner provably changed, gets a fatal finding; all else is for the
national system to judge (NMVO-0048 v5.0 §6).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sinetti.gs1 import diagnosis
from sinetti.gs1.carrier import GROUP_SEPARATOR, GS1_SYMBOLOGIES, symbology_at, trim
from sinetti.gs1.digital_link import looks_like_address
from sinetti.gs1.envelopes import HEADER
from sinetti.gs1.identifiers import is_gtin, is_ppn, pad_gtin
from sinetti.gs1.keyboards import CAPS_LOCK, cause_of_prefix, layout_names, undo
from sinetti.gs1.reading import Reading, end_of_first, read
from sinetti.gs1.recognise import recognise
from sinetti.gs1.scan import Finding, Form, Scan, Severity

TEXT_LENGTH_MAX: Final = 8192
"""Characters of a text that is looked at: more than the largest QR code or Data Matrix holds."""

# A GTIN with its identifier, and a serial number of one character with its own.
_SHORTEST_PACK_CODE: Final = 19
_SYMBOLOGY_LENGTH: Final = 3
_EXAMINED_FOR_LAYOUT_MAX: Final = 600
_PLAIN_DATA_MATRIX: Final = "]d1"
_NHRN_IDENTIFIERS: Final = tuple(str(code) for code in range(710, 718))
_PACK_IDENTIFIERS: Final = frozenset({"21", "10", "17", "S", "1T", "D"})
_BEGINNINGS: Final = frozenset("0123456789[(" + GROUP_SEPARATOR)


def parse_scan(text: str) -> Scan:
    """All that a text from a scanner or a person says about a pack.

    Never raises, whatever the text; looks at texts of at most `TEXT_LENGTH_MAX` characters.
    """
    if len(text) > TEXT_LENGTH_MAX:
        values = {"length": str(len(text)), "limit": str(TEXT_LENGTH_MAX)}
        excess = len(text) - TEXT_LENGTH_MAX
        return Scan(
            text=text, findings=(Finding("too-long", Severity.FATAL, TEXT_LENGTH_MAX, excess, values),)
        )
    start, end = trim(text)
    symbology = symbology_at(text, start)
    cause = None
    if symbology not in GS1_SYMBOLOGIES and text[start : start + 1] not in _BEGINNINGS:
        cause = cause_of_prefix(text, start)
    data_start = start + _SYMBOLOGY_LENGTH if symbology is not None or cause is not None else start
    if end - data_start <= _SHORTEST_PACK_CODE + 1:
        # Short numbers could be taken for elements: an EAN-13 may begin with 01, 10, 17 or 21.
        recognised = recognise(text, data_start, end, symbology)
        if recognised.key != "other-text":
            return Scan(text=text, symbology=symbology, findings=(recognised,))
    if cause is not None:
        return _changed_by_keyboard(text, start, data_start, end, cause)
    scan = _scan(text, symbology, data_start, end)
    if scan.product_code is None or not text.isascii():
        return _with_keyboard_suspicion(scan, data_start, end)
    return scan


def _scan(text: str, symbology: str | None, start: int, end: int) -> Scan:
    """The scan of the data between two positions, taken as it stands."""
    end, after = end_of_first(text, start, end)
    reading = read(text, start, end)
    first = {element.ai: element.value for element in reversed(reading.elements) if element.value}
    nhrn = None
    if reading.form is Form.ENVELOPE_06:
        scheme, product_code = ("ifa", first["9N"]) if "9N" in first else ("gs1", first.get("8P"))
        serial_number, batch = first.get("S"), first.get("1T")
        expiry = first.get("D") or first.get("14D", "")[2:] or None
    else:
        scheme, product_code = "gs1", first.get("01")
        serial_number, batch, expiry = first.get("21"), first.get("10"), first.get("17")
        nhrn = next((first[code] for code in _NHRN_IDENTIFIERS if code in first), None)
    if product_code is None:
        other = _other_than_pack(text, symbology, start, end, reading)
        if other is not None:
            return other
    elif scheme == "gs1":
        product_code = pad_gtin(product_code)
    wanted = (
        ("product-code-missing", product_code, Severity.FATAL),
        ("serial-number-missing", serial_number, Severity.FATAL),
        ("batch-missing", batch, Severity.ODD),
        ("expiry-missing", expiry, Severity.ODD),
    )
    findings = reading.findings if after is None else [after, *reading.findings]
    findings += [Finding(key, severity, end, 0) for key, value, severity in wanted if value is None]
    findings += diagnosis.scanner_trouble(reading.elements, scheme, product_code)
    findings += _about_carrier(text, symbology, start, reading)
    return Scan(
        text=text,
        form=reading.form,
        symbology=symbology,
        elements=tuple(reading.elements),
        findings=tuple(findings),
        scheme=scheme if product_code is not None else None,
        product_code=product_code,
        serial_number=serial_number,
        batch=batch,
        expiry=expiry,
        nhrn=nhrn,
    )


def _other_than_pack(text: str, symbology: str | None, start: int, end: int, reading: Reading) -> Scan | None:
    """What the text is when it names no product; `None` for a pack code that lacks only that."""
    sscc = next((element for element in reading.elements if element.ai == "00"), None)
    if sscc is not None:
        finding = Finding("shipping-label", Severity.FATAL, sscc.start, len(sscc.value), {"code": sscc.value})
    elif len(reading.elements) > 1 and any(element.ai in _PACK_IDENTIFIERS for element in reading.elements):
        return None
    elif text.startswith(HEADER, start):
        finding = Finding("other-envelope", Severity.FATAL, start, end - start)
    elif looks_like_address(text, start):
        finding = Finding("web-address", Severity.FATAL, start, end - start)
    else:
        finding = recognise(text, start, end, symbology)
    return Scan(text=text, symbology=symbology, findings=(finding,))


def _about_carrier(text: str, symbology: str | None, start: int, reading: Reading) -> list[Finding]:
    findings = []
    if reading.separator != GROUP_SEPARATOR:
        at = text.find(reading.separator, start)
        values = {"stand_in": reading.separator}
        findings.append(Finding("separator-stand-in", Severity.NOTICE, at, len(reading.separator), values))
    if symbology == _PLAIN_DATA_MATRIX and reading.form is Form.ELEMENT_STRING:
        findings.append(
            Finding("not-flagged-as-gs1", Severity.NOTICE, start - _SYMBOLOGY_LENGTH, _SYMBOLOGY_LENGTH)
        )
    return findings


def _changed_by_keyboard(text: str, start: int, data_start: int, end: int, cause: str) -> Scan:
    """The scan of a text whose symbology identifier proves that Caps Lock or the keyboard layout changed it.

    Fatal only where that changed the data too: digits survive Caps Lock and most layouts.
    """
    scan = _scan(text, None, data_start, end)
    likely = _scan(undo(text, cause), None, data_start, end)
    severity = Severity.ODD if _identity(scan) == _identity(likely) else Severity.FATAL
    finding = _keyboard_finding(start, _SYMBOLOGY_LENGTH, cause, likely, severity)
    if scan.product_code is None and likely.product_code is not None:
        return Scan(text=text, findings=(finding,))
    return replace(scan, findings=(*scan.findings, finding))


def _with_keyboard_suspicion(scan: Scan, start: int, end: int) -> Scan:
    """The scan, with a finding where its letters or its whole text can only come from another keyboard layout."""
    foreign = diagnosis.foreign_letters(scan.text, start, end)
    if foreign is not None:
        return replace(scan, findings=(*scan.findings, foreign))
    odd_letters = any(one.key == "characters-not-allowed" for one in scan.all_findings)
    if scan.product_code is not None and not odd_letters:
        return scan
    for cause in (CAPS_LOCK, *layout_names()):
        likely = _likely(scan.text, start, end, cause)
        if likely is not None and scan.product_code is None:
            finding = _keyboard_finding(start, end - start, cause, likely, Severity.FATAL)
            return Scan(text=scan.text, symbology=scan.symbology, findings=(finding,))
        if likely is not None and not likely.all_findings:
            finding = _keyboard_finding(start, end - start, cause, likely, Severity.ODD)
            return replace(scan, findings=(*scan.findings, finding))
    return scan


def _likely(text: str, start: int, end: int, cause: str) -> Scan | None:
    """What the code likely says if the cause changed it: only when that is a pack code with right check digits."""
    if end - start > _EXAMINED_FOR_LAYOUT_MAX:
        return None
    meant = undo(text[start:end], cause)
    after = _SYMBOLOGY_LENGTH if symbology_at(meant, 0) in GS1_SYMBOLOGIES else 0
    if not meant.startswith(("01", HEADER), after):
        return None
    scan = _scan(meant, None, after, len(meant))
    product_code = scan.product_code or ""
    return scan if scan.is_pack_code and (is_gtin(product_code) or is_ppn(product_code)) else None


def _keyboard_finding(start: int, length: int, cause: str, likely: Scan, severity: Severity) -> Finding:
    key = CAPS_LOCK if cause == CAPS_LOCK else "keyboard-layout"
    values = {"layout": cause} | {name: value for name, value in _identity(likely).items() if value}
    return Finding(key, severity, start, length, values)


def _identity(scan: Scan) -> dict[str, str | None]:
    return {
        "product_code": scan.product_code,
        "serial_number": scan.serial_number,
        "batch": scan.batch,
        "expiry": scan.expiry,
    }
