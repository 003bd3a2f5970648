"""Scanner trouble that the text itself shows: lost separators, a barcode stuck to the end, foreign letters.

It only tells. The data stays as it was read, since a guess must never be sent as if it had been on the pack.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from itertools import permutations
from typing import Final

from sinetti.gs1.identifiers import is_gtin, pad_gtin
from sinetti.gs1.scan import Element, Finding, Severity

_DATE: Final = "[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])"
_FIELD: Final = r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}?"""
_FORMS: Final = {
    "gs1": {"21": _FIELD, "10": _FIELD, "17": _DATE, "01": "[0-9]{14}"},
    "ifa": {"S": "[A-Z0-9]{1,20}?", "1T": r"[A-Z0-9\-_]{1,20}?", "D": _DATE, "9N": "[0-9]{12}"},
}
_NAMES: Final = {"21": "serial_number", "10": "batch", "17": "expiry", "01": "product_code"} | {
    "S": "serial_number",
    "1T": "batch",
    "D": "expiry",
    "9N": "product_code",
}
# Further data that medicine packs carry after these: national numbers and the manufacturer's own number.
_OTHER_TAIL: Final = re.compile(rf"({_FIELD})(71[0-7]|240)(.{{3,30}})", re.DOTALL)
_EAN_13: Final = re.compile("[0-9]{13}")
_EAN_13_LENGTH: Final = 13
_EXAMINED_MAX: Final = 120
_FIELD_MAX: Final = 20

_FOREIGN: Final = (
    ("Greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]+")),
    ("Cyrillic", re.compile("[\u0400-\u052f]+")),
    ("Hebrew", re.compile("[\u0590-\u05ff]+")),
    ("Arabic", re.compile("[\u0600-\u06ff]+")),
)


def scanner_trouble(elements: Sequence[Element], scheme: str, product_code: str | None) -> list[Finding]:
    """Everything below that shows in the elements, but for letters, which need the whole text."""
    findings = repeated_elements(elements)
    if findings and names_two_packs(elements):
        span = elements[0].start, elements[-1].end - elements[0].start
        findings.append(Finding("several-codes", Severity.FATAL, *span))
    for finding in (lost_separator(elements, scheme), appended_barcode(elements, product_code)):
        if finding is not None:
            findings.append(finding)
    return findings


def lost_separator(elements: Sequence[Element], scheme: str) -> Finding | None:
    """A value that looks as if it had swallowed the elements after it, because the separator got lost.

    Suspected when a wanted element is missing and the end of a value reads like it, or when a value is too long and
    reads like two. A serial number that merely contains the digits of a date is not suspected.
    """
    wanted = _FORMS[scheme]
    present = {element.ai for element in elements}
    missing = [code for code in wanted if code not in present]
    if not missing and not any(element.problems for element in elements):
        return None
    for element in elements:
        if element.ai not in wanted and not element.ai.startswith("71"):
            continue
        parts = _swallowed(element, missing, scheme)
        if parts is not None:
            first, likely = parts
            values = {_NAMES.get(element.ai, "nhrn"): first, **likely}
            start = element.start + len(first)
            return Finding("separator-lost", Severity.ODD, start, element.end - start, values)
    return None


def _swallowed(element: Element, missing: Sequence[str], scheme: str) -> tuple[str, dict[str, str]] | None:
    """The value's own part and, by name, what it likely swallowed: as many missing elements as possible."""
    if len(element.value) > _EXAMINED_MAX:
        return None
    wanted = _FORMS[scheme]
    own = wanted.get(element.ai, _FIELD)
    for count in range(len(missing), 0, -1):
        for order in permutations(missing, count):
            match = _tail(own, tuple((code, wanted[code]) for code in order)).fullmatch(element.value)
            if match is not None:
                return match[1], {_NAMES[code]: match[n] for n, code in enumerate(order, 2)}
    if len(element.value) > _FIELD_MAX and scheme == "gs1":
        match = _OTHER_TAIL.fullmatch(element.value)
        if match is not None:
            return match[1], {"other": match[3]}
    return None


@cache
def _tail(own: str, others: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    return re.compile(f"({own})" + "".join(f"{code}({form})" for code, form in others))


def appended_barcode(elements: Sequence[Element], product_code: str | None) -> Finding | None:
    """An EAN-13 that another barcode of the pack left at the end of a serial number or batch (NMVO-0048 §6.2).

    Certain enough to tell only when it is the pack's own, or when it makes the value too long.
    """
    if not elements:
        return None
    last = elements[-1]
    if last.ai not in {"10", "21", "S", "1T"} or len(last.value) <= _EAN_13_LENGTH:
        return None
    tail = last.value[-_EAN_13_LENGTH:]
    if _EAN_13.fullmatch(tail) is None:
        return None
    gtin = pad_gtin(tail)
    if gtin != product_code and not (len(last.value) > _FIELD_MAX and is_gtin(gtin)):
        return None
    values = {"barcode": tail, "likely": last.value[:-_EAN_13_LENGTH], "title": last.title}
    return Finding("barcode-appended", Severity.ODD, last.end - _EAN_13_LENGTH, _EAN_13_LENGTH, values)


def foreign_letters(text: str, start: int, end: int) -> Finding | None:
    """Letters of another script: no pack code holds them, so the keyboard layout made them."""
    if text.isascii():
        return None
    for script, letters in _FOREIGN:
        match = letters.search(text, start, end)
        if match is not None:
            values = {"script": script, "characters": match[0][:_FIELD_MAX]}
            return Finding("foreign-letters", Severity.FATAL, match.start(), len(match[0]), values)
    return None


def repeated_elements(elements: Sequence[Element]) -> list[Finding]:
    """Elements that occur again: harmless with the same value, odd with another one."""
    first_values: dict[str, str] = {}
    findings = []
    for element in elements:
        if element.ai not in first_values:
            first_values[element.ai] = element.value
            continue
        first = first_values[element.ai]
        same = first == element.value
        findings.append(
            Finding(
                "element-repeated" if same else "element-contradicts",
                Severity.NOTICE if same else Severity.ODD,
                element.start,
                element.end - element.start,
                {"title": element.title or element.ai, "first": first, "other": element.value},
            )
        )
    return findings


def names_two_packs(elements: Collection[Element]) -> bool:
    """Whether there are two serial numbers and two product codes: two packs ran together into one scan."""
    product_codes = {element.value for element in elements if element.ai in {"01", "9N"}}
    serial_numbers = {element.value for element in elements if element.ai in {"21", "S"}}
    return len(product_codes) > 1 and len(serial_numbers) > 1
