"""R03: the separator after a value was lost, and the value goes on into the next element of the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sinetti.alerts.root_cause.barcode_appended import barcodes_of
from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.rules.vocabulary import Cause, Scheme

RULE = "R03"
_TAIL_MIN = 3
_PREFIX_MIN = 3
# A whole date, or the beginning of one: software that cuts a value at twenty characters may leave only that.
_DATE = "[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])"
_DATE_BEGINS = "[0-9]{1,2}|[0-9]{2}(?:[01]|0[1-9]|1[0-2])[0-3]?"
_ELEMENTS = {
    Scheme.GS1: re.compile(
        rf"(?P<expiry>17(?:{_DATE}(?:(?:10|21|7[0-9]{{2}}|240|9[0-9])[!-z]*)?|{_DATE_BEGINS}))"
        rf"|11(?:{_DATE}(?:(?:10|17|21)[!-z]*)?|{_DATE_BEGINS})"
        r"|71[0-7][!-z]+|240[!-z]+|9[0-9][!-z]{2,}"
    ),
    Scheme.IFA: re.compile(rf"(?P<expiry>D(?:{_DATE}(?:(?:S|1T|9N)[!-z]*)?|{_DATE_BEGINS}))"),
}
_NEXT = {
    Scheme.GS1: {"product_code": "01", "serial_number": "21", "batch": "10", "expiry": "17"},
    Scheme.IFA: {"product_code": "9N", "serial_number": "S", "batch": "1T", "expiry": "D"},
}


def guesses(sent: Sent, field: Field, value: str) -> Iterator[str]:
    """Each beginning of the value after which another element seems to begin."""
    for end in range(_PREFIX_MIN, len(value) - _TAIL_MIN + 1):
        if _swallowed(sent, field, value[end:]) is not None:
            yield value[:end]


def explain(sent: Sent, field: Field, stored: str, value: str) -> Explained | None:
    """The stored value with the beginning of another element behind it."""
    if not value.startswith(stored):
        return None
    element = _swallowed(sent, field, value[len(stored) :])
    if element is None:
        return None
    return Explained(
        rule=RULE, cause=Cause.LOST_SEPARATOR, how="swallowed", values={"element": element}, tries=len(value)
    )


def _swallowed(sent: Sent, field: Field, tail: str) -> str | None:
    """The element that the tail begins: one whose value was sent too, or one that looks like it."""
    if len(tail) < _TAIL_MIN or sent.scheme not in _ELEMENTS:
        return None
    known = {
        "product_code": sent.product_code,
        "serial_number": sent.serial_number if field is not Field.SERIAL_NUMBER else None,
        "batch": sent.batch if field is not Field.BATCH else None,
        "expiry": sent.expiry,
    }
    for name, value in known.items():
        begins = _NEXT[Scheme(sent.scheme)][name] + (value or "")
        if value and (begins.startswith(tail) or tail.startswith(begins)):
            return name
    if any(code.startswith(tail) for code in barcodes_of(sent.product_code)):
        return None
    match = _ELEMENTS[Scheme(sent.scheme)].fullmatch(tail)
    if match is None:
        return None
    return "expiry" if match.groupdict().get("expiry") else "other"
