"""Reads ISO/IEC 15434 messages: format 05 holds GS1 elements, format 06 the data identifiers of IFA codes.

Data Matrix shortens the envelope to the code words Macro 05 and Macro 06, which scanners write out again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sinetti.gs1.ai import application_identifier_at, data_identifiers
from sinetti.gs1.carrier import GROUP_SEPARATOR, separator_of
from sinetti.gs1.element_strings import read_element_string
from sinetti.gs1.scan import Element, Finding, Form, Severity
from sinetti.gs1.values import problems_of

HEADER: Final = "[)>"
_FORMS: Final = {"05": Form.ENVELOPE_05, "06": Form.ENVELOPE_06}
_RECORD_SEPARATORS: Final = re.compile(r"\x1e|<RS>|\{RS\}|\[RS\]|\u241e|\^\^|\\u001[Ee]|\\x1[Ee]|\\036")
_TRAILER: Final = re.compile(
    r"(?:\x1e|<RS>|\{RS\}|\[RS\]|\u241e|\^\^|\\u001[Ee]|\\x1[Ee]|\\036)"
    r"|(?:\x04|<EOT>|\{EOT\}|\[EOT\]|\u2404|\^D|\\u0004|\\x04|\\004)$"
)
_DATA_IDENTIFIER: Final = re.compile(r"[0-9]{0,3}[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Message:
    """What an envelope held."""

    form: Form | None
    """`None` for a format other than 05 and 06."""
    elements: list[Element]
    findings: list[Finding]
    separator: str


def read_envelope(text: str, start: int, end: int) -> Message:
    """The message that begins with `[)>` at `start`. A trailer that got lost is not missed."""
    position = start + len(HEADER)
    record_separator = _RECORD_SEPARATORS.match(text, position, end)
    findings = []
    if record_separator is None:
        findings.append(Finding("envelope-damaged", Severity.ODD, position, 0))
    else:
        position = record_separator.end()
    form = _FORMS.get(text[position : position + 2])
    if form is None:
        return Message(None, [], findings, GROUP_SEPARATOR)
    position += 2
    trailer = _TRAILER.search(text, position, end)
    stop = trailer.start() if trailer else end
    begins_element = application_identifier_at if form is Form.ENVELOPE_05 else _data_identifier_at
    separator = separator_of(text, position, stop, begins_element)
    read = read_element_string if form is Form.ENVELOPE_05 else _read_data_identifiers
    elements, more_findings = read(text, position, stop, separator)
    return Message(form, elements, findings + more_findings, separator)


def _data_identifier_at(text: str, position: int) -> re.Match[str] | None:
    return _DATA_IDENTIFIER.match(text, position)


def _read_data_identifiers(
    text: str, start: int, end: int, separator: str
) -> tuple[list[Element], list[Finding]]:
    """Elements such as `9N110375286414`: a data identifier and its value, up to the next separator."""
    elements: list[Element] = []
    findings: list[Finding] = []
    position = start
    while position < end:
        stop = text.find(separator, position, end)
        if stop < 0:
            stop = end
        match = _DATA_IDENTIFIER.match(text, position, stop)
        if match is not None:
            elements.append(_element(text, match, stop))
        elif stop > position:
            values = {"text": text[position : min(stop, position + 40)]}
            findings.append(Finding("unreadable", Severity.ODD, position, stop - position, values))
        position = stop + len(separator)
    return elements, findings


def _element(text: str, match: re.Match[str], stop: int) -> Element:
    code = match[0]
    start = match.end()
    value = text[start:stop]
    identifier = data_identifiers().get(code)
    if identifier is None:
        unknown = Finding(
            "identifier-unknown", Severity.NOTICE, match.start(), len(code), {"identifier": code}
        )
        return Element(code, "", value, start, stop, (unknown,))
    return Element(code, identifier.title, value, start, stop, problems_of(identifier, value, start))
