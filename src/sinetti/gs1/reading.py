"""From text to elements: finds out in which form they are, and where the first of several scans ends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from sinetti.gs1.ai import application_identifier_at
from sinetti.gs1.bracketed import looks_bracketed, read_bracketed
from sinetti.gs1.carrier import GROUP_SEPARATOR, next_symbology, separator_of, symbology_at
from sinetti.gs1.digital_link import looks_like_address, read_digital_link
from sinetti.gs1.element_strings import read_element_string
from sinetti.gs1.envelopes import HEADER, read_envelope
from sinetti.gs1.identifiers import is_gtin
from sinetti.gs1.recognise import recognise
from sinetti.gs1.scan import Element, Finding, Form, Severity

_TEXT_BEFORE_MAX: Final = 24
_SHOWN_MAX: Final = 40
_GTIN_ELEMENT: Final = re.compile("01([0-9]{14})")
_GTIN_ELEMENT_LENGTH: Final = 16


@dataclass(slots=True)
class Reading:
    """Elements of a text and what was found on the way."""

    form: Form | None
    """`None` when the text does not begin like any form."""
    elements: list[Element] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    separator: str = GROUP_SEPARATOR


def read(text: str, start: int, end: int) -> Reading:
    """The elements between two positions, in whatever form they are."""
    while text.startswith(GROUP_SEPARATOR, start):
        start += 1
    if text.startswith(HEADER, start):
        message = read_envelope(text, start, end)
        return Reading(message.form, message.elements, message.findings, message.separator)
    if looks_bracketed(text, start):
        return Reading(Form.BRACKETED, *read_bracketed(text, start, end))
    if looks_like_address(text, start):
        elements = read_digital_link(text, start, end)
        return Reading(Form.DIGITAL_LINK if elements else None, elements)
    separator = separator_of(text, start, end)
    before: list[Finding] = []
    begins = start + len(separator) if text.startswith(separator, start) else start
    if application_identifier_at(text, begins) is None:
        code = _code_further_on(text, start, end)
        if code is None:
            return Reading(None)
        values = {"text": text[start:code]}
        before.append(Finding("text-before-code", Severity.ODD, start, code - start, values))
        start = code
    elements, findings = read_element_string(text, start, end, separator)
    return Reading(Form.ELEMENT_STRING, elements, before + findings, separator)


def _code_further_on(text: str, start: int, end: int) -> int | None:
    """Where a GTIN with its identifier begins, after other text at the beginning."""
    for position in range(start + 1, min(start + _TEXT_BEFORE_MAX, end) + 1):
        match = _GTIN_ELEMENT.match(text, position, end)
        if match is not None and is_gtin(match[1]) and application_identifier_at(text, match.end()):
            return position
    return None


def end_of_first(text: str, start: int, end: int) -> tuple[int, Finding | None]:
    """Where the first of several scans ends that came as one text, and what follows it."""
    other = _begin_of_other(text, start, end)
    if other is None:
        return end, None
    first_end = start + len(text[start:other].rstrip())
    rest_start = end - len(text[other:end].lstrip())
    if symbology_at(text, rest_start) is not None:
        rest_start += 3
    rest = text[rest_start:end]
    length = end - first_end
    if rest == text[start:first_end]:
        return first_end, Finding("scanned-twice", Severity.NOTICE, first_end, length)
    if recognise(text, rest_start, end).key == "other-text" and read(text, rest_start, end).elements:
        return first_end, Finding("several-codes", Severity.FATAL, first_end, length)
    values = {"text": rest[:_SHOWN_MAX]}
    return first_end, Finding("text-after-code", Severity.ODD, first_end, length, values)


def _begin_of_other(text: str, start: int, end: int) -> int | None:
    """Where another scan begins: at a symbology identifier, at the same GTIN again, or after a line break."""
    other = next_symbology(text, start, end)
    if other is not None:
        return other
    if _GTIN_ELEMENT.match(text, start, end):
        code = text[start : start + _GTIN_ELEMENT_LENGTH]
        again = text.find(code, start + _GTIN_ELEMENT_LENGTH, end)
        if again >= 0 and application_identifier_at(text, again + _GTIN_ELEMENT_LENGTH) is not None:
            return again
    if looks_bracketed(text, start):
        return None
    return min(
        (at for at in (text.find("\n", start, end), text.find("\r", start, end)) if at > start), default=None
    )
